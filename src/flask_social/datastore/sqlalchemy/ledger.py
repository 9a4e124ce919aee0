"""Spent flows in a table of the application's database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from ... import clock
from ..memory_ledger import PURGE_EVERY, MemoryLedger, hashed
from ..trouble import twice
from .beside import Beside
from .trouble import trouble

BATCH = 500
"""Rows that one statement forgets."""
BATCHES = 10
"""Statements that one purge sends."""

logger = logging.getLogger("flask_social")


class SQLAlchemyLedger:
    """Spends in a transaction of its own, so the application's is neither committed nor lost.

    A database in memory has but one connection, and but one process, so memory serves it instead.

    :param flow_model: a model with the columns of ``FlowMixin``.
    :param session: gives the session whose database has the table.
    """

    def __init__(self, flow_model: Any, session: Callable[[], Session]) -> None:
        self._model = flow_model
        self._beside = Beside(flow_model, session, "the ledger")
        self._memory = MemoryLedger()
        self._purge_at = 0

    def spend(self, key: str, expires_at: int) -> bool:
        """Spend *key*, in all processes: True for the first to come, and only once it is written.

        :param expires_at: when the entry may be forgotten, in seconds since the epoch.
        :raises StoreUnavailable: when the application itself holds the database.
        """
        engine = self._beside.engine()
        if engine is None:
            return self._memory.spend(key, expires_at)
        self._beside.require_free(engine)
        row = {"key_hash": hashed(key), "expires_at": expires_at}
        is_first = twice(lambda: self._insert(engine, row), trouble)
        if is_first:
            self._purge(engine)
        return is_first

    def _insert(self, engine: sa.Engine, row: dict[str, Any]) -> bool:
        try:
            with engine.begin() as connection:
                connection.execute(sa.insert(self._model.__table__).values(row))
        except IntegrityError:
            return False
        return True

    def is_spent(self, key: str) -> bool:
        """Whether *key* was spent and is not forgotten yet."""
        engine = self._beside.engine()
        if engine is None:
            return self._memory.is_spent(key)
        column = self._model.key_hash
        with engine.connect() as connection:
            query = sa.select(column).where(column == hashed(key))
            return connection.execute(query).first() is not None

    def _purge(self, engine: sa.Engine) -> None:
        """Forget what expired, once a minute and a bounded number: the rest comes next time."""
        now = clock.now()
        if now < self._purge_at:
            return
        self._purge_at = now + PURGE_EVERY
        try:
            for _ in range(BATCHES):
                if self._purge_batch(engine, now) < BATCH:
                    return
        except SQLAlchemyError as error:
            logger.warning(
                "Purging spent flows failed (%s); tried again in a minute.", type(error).__name__
            )

    def _purge_batch(self, engine: sa.Engine, now: int) -> int:
        """How many were forgotten. Two statements, as MySQL takes no LIMIT in a subquery."""
        key, until = self._model.key_hash, self._model.expires_at
        with engine.begin() as connection:
            expired = connection.scalars(sa.select(key).where(until <= now).limit(BATCH)).all()
            if expired:
                table = self._model.__table__
                connection.execute(sa.delete(table).where(table.c.key_hash.in_(expired)))
            return len(expired)
