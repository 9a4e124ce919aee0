"""Providers that the configuration does not name: the application is asked for them by id.

Whatever goes wrong with one of them is that provider's trouble, as if it were out of reach.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from flask import current_app

from . import clock, limits, signals
from .config import may_be_sourced
from .datastore.base import ConnectionDatastore
from .errors import ConfigurationError, ProviderUnavailable
from .remote import RemoteApp

log = logging.getLogger("flask_social")

STEP = "looking the provider up"

Ask = Callable[[str], Mapping[str, Any] | None]
"""``SOCIAL_PROVIDER_SOURCE``: what ``SOCIAL_<NAME>`` would hold, by the provider's id."""
Make = Callable[[str, Mapping[str, Any]], RemoteApp]
""":raises ConfigurationError: for a mapping that is no provider."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the source said of one id."""

    at: int
    """Seconds since the epoch."""
    mapping: Any = field(repr=False)
    """``None``: there is no such provider."""
    remote: RemoteApp | None = None
    """``None`` with a mapping: that is wrong."""

    def is_fresh(self, max_age: int) -> bool:
        """Whether it counts still; for less long, where nothing came of it."""
        longest = max_age if self.remote else min(max_age, limits.NO_PROVIDER_MAX_AGE)
        return abs(clock.now() - self.at) < longest


class ProviderSource:
    """Asks the application, and keeps what it says for *max_age* seconds.

    What is kept is bounded, and what strangers ask for in vain takes nothing of the room of what
    there is.
    """

    def __init__(self, ask: Ask, make: Make, store: ConnectionDatastore, *, max_age: int) -> None:
        self._ask, self._make, self._store = ask, make, store
        self._max_age = max_age
        self._present: dict[str, Answer] = {}
        self._absent: dict[str, Answer] = {}
        self._forgotten = 0

    def find(self, provider_id: str) -> RemoteApp | None:
        """The provider called *provider_id*; ``None`` when there is none.

        :raises ProviderUnavailable: when the source failed, or what it gave is wrong.
        """
        if not may_be_sourced(provider_id):
            return None
        answer, told = self._kept(provider_id), self._forgotten
        if answer is None or not answer.is_fresh(self._max_age):
            answer = self._answer(provider_id, answer)
            if told == self._forgotten:  # else it may be of before, and is good for this once
                self._keep(provider_id, answer)
        if answer.remote is None and answer.mapping is not None:
            raise ProviderUnavailable(STEP, "misconfigured", "its mapping cannot be used")
        return answer.remote

    def at_hand(self, provider_id: str) -> RemoteApp | None:
        """The provider as it is kept, however old that is: nobody is asked."""
        answer = self._present.get(provider_id)
        return answer.remote if answer else None

    def may_have(self, provider_id: str) -> bool:
        """Whether there may be such a provider, for all that is known without asking."""
        return may_be_sourced(provider_id) and provider_id not in self._absent

    def forget(self, provider_id: str) -> None:
        """Ask anew for *provider_id* when it is next needed."""
        self._forgotten += 1
        self._drop(provider_id)

    def _drop(self, provider_id: str) -> None:
        self._present.pop(provider_id, None)
        self._absent.pop(provider_id, None)

    def _kept(self, provider_id: str) -> Answer | None:
        return self._present.get(provider_id) or self._absent.get(provider_id)

    def _keep(self, provider_id: str, answer: Answer) -> None:
        self._drop(provider_id)
        kept = self._absent if answer.mapping is None else self._present
        kept[provider_id] = answer
        if (excess := len(kept) - limits.SOURCED_PROVIDERS) > 0:
            for each in list(kept)[:excess]:  # in one step, since other threads add
                kept.pop(each, None)

    def _answer(self, provider_id: str, earlier: Answer | None) -> Answer:
        mapping, now = self._asked(provider_id), clock.now()
        if earlier is not None and earlier.mapping == mapping:
            return replace(earlier, at=now)
        if mapping is None:
            return Answer(now, None)
        return Answer(now, mapping, self._made(provider_id, mapping))

    def _asked(self, provider_id: str) -> Any:
        """What the source returns, as our own copy. :raises ProviderUnavailable: when it raises."""
        try:
            return _copied(current_app.ensure_sync(self._ask)(provider_id))
        except Exception as error:  # noqa: BLE001 - it is the trouble of this provider alone
            with suppress(*self._store.faults):
                self._store.release()  # a transaction that its query broke
            signals.log_raised(error, "The provider source failed for %s", provider_id)
            raise ProviderUnavailable(STEP, "source_failed", type(error).__name__) from None

    def _made(self, provider_id: str, mapping: Any) -> RemoteApp | None:
        """The provider; ``None``, and the log says why, when *mapping* is none."""
        try:
            if not isinstance(mapping, Mapping):
                raise ConfigurationError(f"it is no mapping, but {type(mapping).__name__}")
            return self._make(provider_id, mapping)
        except ConfigurationError as error:
            why = str(error)
        except Exception as error:  # noqa: BLE001 - likewise; its text might show a secret
            why = type(error).__name__
        log.error("The provider source's mapping for %s cannot be used: %s", provider_id, why)
        return None


def _copied(value: Any) -> Any:
    """*value* as it is now, whatever the application does to its mappings and lists later."""
    if isinstance(value, Mapping):
        return {name: _copied(member) for name, member in value.items()}
    return tuple(map(_copied, value)) if isinstance(value, list | tuple) else value
