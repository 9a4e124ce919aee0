"""Spent flows in Redis, which all workers of an application share."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from .. import clock
from ..errors import StoreUnavailable
from .memory_ledger import hashed

T = TypeVar("T")


class RedisLedger:
    """A ledger for ``SOCIAL_LEDGER``: one key for each spent flow, which Redis forgets by itself.

    :param client: a ``redis.Redis``. How long it waits for a server that does not answer is for it
        to know: give it ``socket_timeout`` and ``socket_connect_timeout``.
    :param prefix: what each key begins with; the rest is a hash.

    A server that may evict keys before their time, to make room, lets a flow be spent twice: run it
    with ``maxmemory-policy noeviction``.
    """

    def __init__(self, client: Any, prefix: str = "flask_social:flow:") -> None:
        from redis.exceptions import RedisError

        self._client = client
        self._prefix = prefix
        self._fault = RedisError

    def spend(self, key: str, expires_at: int) -> bool:
        """Spend *key*, in all processes: True for the first to come.

        What is written is ours alone, so that a client which asks once more, since the answer to
        the first time was lost, is not taken for the second to come.

        :param expires_at: when the entry may be forgotten, in seconds since the epoch.
        :raises StoreUnavailable: when Redis cannot be reached, or not be written to.
        """
        name, mine = self._name(key), secrets.token_hex(8)
        seconds = max(1, expires_at - clock.now())
        if self._asked(lambda: self._client.set(name, mine, nx=True, ex=seconds)):
            return True
        there = self._asked(lambda: self._client.get(name))
        return there in (mine, mine.encode())

    def is_spent(self, key: str) -> bool:
        """Whether *key* was spent and is not forgotten yet.

        :raises StoreUnavailable: when Redis cannot be reached.
        """
        return bool(self._asked(lambda: self._client.exists(self._name(key))))

    def _name(self, key: str) -> str:
        return self._prefix + hashed(key)

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except self._fault as error:
            kind = f"{type(error).__module__}.{type(error).__name__}"
            raise StoreUnavailable(f"{kind}: {error}") from None
