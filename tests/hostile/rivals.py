"""Somebody else's transaction, which takes what the application's holds, the other way round."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import sqlalchemy as sa

from tests.hostile.databases import EVERY, Database
from tests.hostile.waiting import until

WAITING = {
    "postgresql": (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND application_name = current_setting('application_name')"
    ),
    "mariadb": (
        "SELECT COUNT(*) FROM information_schema.innodb_trx JOIN information_schema.processlist"
        " ON id = trx_mysql_thread_id WHERE db = DATABASE() AND trx_state = 'LOCK WAIT'"
    ),
}
LASTING = {
    "postgresql": "SET deadlock_timeout = '1h'; SET lock_timeout = '1min'",
    "mariadb": "SET innodb_lock_wait_timeout = 60",
}
"""Has the rival never look for a deadlock: the application's transaction is the one to end."""


class Rival:
    """A transaction that takes the visitor's user first, and their connection then."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stack = ExitStack()
        self.pool = self.stack.enter_context(ThreadPoolExecutor(1))
        self.connection = self.stack.enter_context(database.connected())

    def cross(self, table: str) -> Future[None]:
        """Hold every user, and wait for a row of *table* that somebody else holds."""
        self.connection.exec_driver_sql(LASTING[self.database.kind])
        # InnoDB ends the transaction that has changed less.
        spent = sa.table("spent_flow", sa.column("key_hash"), sa.column("expires_at"))
        many = [{"key_hash": f"{number:064}", "expires_at": 0} for number in range(100)]
        self.connection.execute(sa.insert(spent), many)
        users = sa.table("user", sa.column("username"))
        self.connection.execute(sa.update(users).values(username="rival"))
        rows = sa.update(sa.table(table, sa.column("rank"))).values(rank=7)
        crossing = self.pool.submit(self._finish, rows)
        with self.database.connected() as looking:
            until(lambda: self._waits(looking), every=EVERY[self.database.kind])
        return crossing

    def _waits(self, looking: sa.Connection) -> bool:
        waiting = looking.exec_driver_sql(WAITING[self.database.kind]).scalar_one()
        looking.rollback()
        return bool(waiting)

    def _finish(self, statement: Any) -> None:
        self.connection.execute(statement)
        self.connection.execute(sa.delete(sa.table("spent_flow")))
        self.connection.commit()
