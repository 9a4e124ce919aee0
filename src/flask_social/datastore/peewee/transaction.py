"""The writes of one outcome, in an ORM that commits by itself, and what is done beside them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from peewee import MySQLDatabase, PostgresqlDatabase, SqliteDatabase

from ...errors import StoreUnavailable
from .trouble import discreet

T = TypeVar("T")

LOCK_SECONDS = 4
"""How long a transaction beside the application's waits for a lock."""


@dataclass
class _Begun:
    """What one thread has begun and not ended."""

    block: Any
    """What ends it: a transaction, or a savepoint in one of the application's."""
    base: Any
    """The transaction that Peewee knows of: this one, or the application's around it."""
    is_nested: bool
    wrote: bool = False
    undo: list[Callable[[], Any]] = field(default_factory=list)

    def end(self, *told: Any) -> None:
        """Commit, or roll back where something is *told* as an exception is."""
        with discreet():
            self.block.__exit__(*(told or (None, None, None)))

    def restore(self) -> None:
        """Put back what is in memory."""
        for each in reversed(self.undo):
            each()


class _Undone(Exception):
    """What a block is told so that it rolls back."""


class Outcome:
    """A transaction that begins with the first write and ends with the commit or the rollback.

    Peewee knows of it, so that an ``atomic()`` of the application inside becomes a savepoint. Where
    the application has a transaction open already, this is a savepoint in that one: committed it is
    the application's to commit, and rolled back it takes nothing of the application's along.
    """

    def __init__(self, database: Callable[[], Any]) -> None:
        self._database = database
        self._local = threading.local()

    @property
    def is_idle(self) -> bool:
        """Whether undoing everything that is not committed loses nothing."""
        if (begun := self._begun()) is not None:
            return not (begun.wrote or begun.is_nested)
        return not self._database().in_transaction()

    def begin(self) -> None:
        """Begin, if it has not: everything that this thread writes from here on is part of it."""
        if self._begun() is None:
            database = self._database()
            is_nested = database.in_transaction()
            block = database.savepoint() if is_nested else _transaction(database)
            block.__enter__()
            self._local.begun = _Begun(block, database.top_transaction(), is_nested)

    def write(self, undo: Callable[[], Any] | None = None) -> None:
        """Begin, for something that is written now.

        :param undo: what puts rows in memory back, if it is rolled back.
        """
        self.begin()
        begun: _Begun = self._local.begun
        begun.wrote = True
        begun.undo.extend([undo] if undo else [])

    def commit(self) -> None:
        """End it, written."""
        if (begun := self._ended()) is not None:
            try:
                begun.end()
            except Exception:
                begun.restore()
                raise

    def rollback(self) -> None:
        """End it, undone: in the database, and in the rows that :meth:`write` was told of."""
        if (begun := self._ended()) is not None:
            try:
                begun.end(_Undone, _Undone(), None)
            finally:
                begun.restore()

    def release(self) -> None:
        """End it where nothing of ours is in it. What else is, Peewee would have committed."""
        if (begun := self._begun()) is not None and not begun.wrote:
            self.commit()

    def _begun(self) -> _Begun | None:
        """What has begun, unless it has ended, or was lost with its connection."""
        begun: _Begun | None = getattr(self._local, "begun", None)
        if begun is None:
            return None
        open_ones = self._database()._state.transactions
        return begun if any(each is begun.base for each in open_ones) else None

    def _ended(self) -> _Begun | None:
        begun, self._local.begun = self._begun(), None
        return begun

    def beside(self, work: Callable[[], T], *, writes: bool) -> T:
        """What *work* returns, done in a transaction of its own, which is committed by then.

        Where this thread has one open, that takes a second connection, which Peewee gives to
        another thread. A database in memory has no second one: there it is part of the first.

        :raises StoreUnavailable: when *work* writes, and what is pending here keeps it from that.
        """
        database = self._database()
        if not database.in_transaction():
            with _connected(database):
                return _alone(database, work, writes=writes)
        if has_one_connection(database):
            with database.savepoint():
                return work()
        if writes and self._locks_everybody():
            raise StoreUnavailable(
                "what is written and not committed in this request keeps a SQLite file locked for "
                "everybody"
            )

        def elsewhere() -> T:
            with database.connection_context(), _impatient(database):
                return _alone(database, work, writes=writes)

        with ThreadPoolExecutor(1, "flask_social") as pool:
            return pool.submit(elsewhere).result()

    def _locks_everybody(self) -> bool:
        """Whether this thread is known to be the one writer that a SQLite file takes."""
        begun = self._begun()
        if begun is None or not isinstance(self._database(), SqliteDatabase):
            return False
        return begun.wrote or not begun.is_nested


def has_one_connection(database: Any) -> bool:
    """Whether all threads share one connection, or each would see an empty database."""
    if not isinstance(database, SqliteDatabase):
        return not database.thread_safe
    name = str(database.database)
    in_memory = name in ("", ":memory:") or ":memory:" in name or "mode=memory" in name
    return in_memory or not database.thread_safe


def _transaction(database: Any) -> Any:
    """A transaction that writes.

    In SQLite it takes the lock at once: whoever reads first and writes later is refused, without
    waiting, where somebody else wrote in between.
    """
    if isinstance(database, SqliteDatabase):
        return database.transaction("IMMEDIATE")
    return database.transaction()


def _connected(database: Any) -> Any:
    return database.connection_context() if database.is_closed() else nullcontext()


def _alone(database: Any, work: Callable[[], T], *, writes: bool) -> T:
    if not writes:
        return work()
    run = database.execute_sql
    with discreet(), _transaction(database):
        if isinstance(database, PostgresqlDatabase):
            run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        return work()


@contextmanager
def _impatient(database: Any) -> Iterator[None]:
    """Wait for a lock, which this very request may hold, no longer than a few seconds."""
    if isinstance(database, SqliteDatabase):
        ask, tell, short = "PRAGMA busy_timeout", "PRAGMA busy_timeout = {}", LOCK_SECONDS * 1000
    elif isinstance(database, MySQLDatabase):
        ask, tell = "SELECT @@innodb_lock_wait_timeout", "SET innodb_lock_wait_timeout = {}"
        short = LOCK_SECONDS
    else:
        yield
        return
    [before] = database.execute_sql(ask).fetchone()
    database.execute_sql(tell.format(min(before, short)))
    try:
        yield
    finally:
        if not database.is_closed():  # a pool may give this connection to somebody else
            database.execute_sql(tell.format(before))
