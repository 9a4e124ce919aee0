"""Spent flows in a table of the application's database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from peewee import IntegrityError

from ... import clock
from ..memory_ledger import PURGE_EVERY, MemoryLedger, hashed
from ..trouble import twice
from .transaction import Outcome, has_one_connection
from .trouble import FAULTS, trouble

BATCH = 500
"""Rows that one statement forgets."""
BATCHES = 10
"""Statements that one purge sends."""

logger = logging.getLogger("flask_social")


class PeeweeLedger:
    """Spends in a transaction of its own, so the application's is neither committed nor lost.

    That takes a second connection where this thread has a transaction open. A database in memory
    has but one connection, and but one process, so memory serves it instead.

    :param flow_model: a model with the columns of ``FlowMixin``.
    :param database: gives the database that has the table.
    """

    def __init__(self, flow_model: Any, database: Callable[[], Any], outcome: Outcome) -> None:
        self._model = flow_model
        self._database = database
        self._outcome = outcome
        self._memory = MemoryLedger()
        self._purge_at = 0

    def spend(self, key: str, expires_at: int) -> bool:
        """Spend *key*, in all processes: True for the first to come, and only once it is written.

        :param expires_at: when the entry may be forgotten, in seconds since the epoch.
        :raises StoreUnavailable: when the application itself holds the database.
        """
        if has_one_connection(self._database()):
            return self._memory.spend(key, expires_at)
        row = {"key_hash": hashed(key), "expires_at": expires_at}
        is_first = twice(lambda: self._insert(row), trouble)
        if is_first:
            self._purge()
        return is_first

    def is_spent(self, key: str) -> bool:
        """Whether *key* was spent and is not forgotten yet."""
        if has_one_connection(self._database()):
            return self._memory.is_spent(key)
        query = self._model.select().where(self._model.key_hash == hashed(key))
        return bool(self._outcome.beside(query.exists, writes=False))

    def _insert(self, row: dict[str, Any]) -> bool:
        try:
            self._outcome.beside(self._model.insert(row).execute, writes=True)
        except IntegrityError:
            return False
        return True

    def _purge(self) -> None:
        """Forget what expired, once a minute and a bounded number: the rest comes next time."""
        now = clock.now()
        if now < self._purge_at:
            return
        self._purge_at = now + PURGE_EVERY
        try:
            for _ in range(BATCHES):
                if self._outcome.beside(lambda: self._purge_batch(now), writes=True) < BATCH:
                    return
        except FAULTS as error:
            logger.warning(
                "Purging spent flows failed (%s); tried again in a minute.", type(error).__name__
            )

    def _purge_batch(self, now: int) -> int:
        """How many were forgotten. Two statements, as MySQL takes no LIMIT in a subquery."""
        key, until = self._model.key_hash, self._model.expires_at
        expired = [
            row[0] for row in self._model.select(key).where(until <= now).limit(BATCH).tuples()
        ]
        if expired:
            self._model.delete().where(key.in_(expired)).execute()
        return len(expired)
