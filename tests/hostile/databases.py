"""A database of one test, and what it says of who still holds something in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.hostile.waiting import PATIENCE, until

KINDS = ("postgresql", "mariadb", "sqlite")
OPEN = {
    "postgresql": (
        "SELECT state || ': ' || query FROM pg_stat_activity"
        " WHERE application_name = current_setting('application_name')"
        " AND pid <> pg_backend_pid() AND state <> 'idle'"
    ),
    "mariadb": (
        "SELECT CONCAT(trx_state, ': ', COALESCE(trx_query, '')) FROM information_schema.innodb_trx"
        " JOIN information_schema.processlist ON id = trx_mysql_thread_id"
        " WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    ),
}
"""The transactions of others that are open now."""
CONNECTED = {
    "postgresql": (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
    ),
    "mariadb": (
        "SELECT COUNT(*) FROM information_schema.processlist"
        " WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    ),
}
EVERY = {"postgresql": 0.01, "mariadb": 0.15}
"""Seconds between two looks at them. InnoDB renews its table only once nobody has read it for a
tenth of a second: who looks oftener sees what was there at the first look, again and again.
"""
NO_PATIENCE = {
    "postgresql": "SET lock_timeout = 1",
    "mariadb": "SET innodb_lock_wait_timeout = 0, lock_wait_timeout = 1",
    "sqlite": "PRAGMA busy_timeout = 0",
}
"""Makes whoever meets a lock fail at once."""


@dataclass(frozen=True)
class Database:
    """An empty database of one test's own."""

    kind: str
    url: str

    def prepare(self) -> None:
        """WAL for SQLite, whose file keeps it."""
        if self.kind == "sqlite":
            with self.connected() as connection:
                mode = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar()
            assert mode == "wal"

    @contextmanager
    def connected(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            yield connection

    def connections(self) -> int:
        """How many others are connected. (SQLite does not know.)"""
        with self.connected() as connection:
            return int(connection.exec_driver_sql(CONNECTED[self.kind]).scalar_one())

    def require_quiet(self, patience: float = PATIENCE) -> None:
        """Nobody has a transaction open, and a writer gets every table at once.

        A server notices after a moment that a client was killed, so it is given one.
        """
        if self.kind in OPEN:
            until(lambda: not self.left_open(), patience, EVERY[self.kind])
        with self.connected() as connection:
            connection.exec_driver_sql(NO_PATIENCE[self.kind])
            for table in sa.inspect(connection).get_table_names():
                connection.execute(sa.delete(sa.table(table)))
            connection.rollback()
            if self.kind == "sqlite":
                busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                assert not busy, "somebody still reads"

    def left_open(self) -> list[str]:
        """What the transactions of others are doing."""
        with self.connected() as connection:
            return list(connection.exec_driver_sql(OPEN[self.kind]).scalars())
