"""What goes on in a session's transaction, and how to step out of it without harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from ..base import Conflict

WROTE = "flask_social_wrote"
CONNECTIONS = "flask_social_connections"
_READ = re.compile(r"\s*(SELECT\b|WITH\b|BEGIN(\s+DEFERRED)?\s*;?\s*$)", re.IGNORECASE)
_MORE_THAN_READ = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|INTO|SHARE)\b", re.IGNORECASE)
_SELECT = re.compile(r"\s*SELECT\b", re.IGNORECASE)


def is_idle(session: Session) -> bool:
    """Whether ending the transaction loses nothing: no change pending, none sent, no lock held.

    It errs on the side of keeping: any statement but a plain query counts as work. So does a block
    ``with session.begin():``, which lets nothing end its transaction.
    """
    if getattr(session, "_trans_context_manager", None) is not None:  # no public name tells
        return False
    if session.in_nested_transaction() or session.new or session.deleted:
        return False
    if any(session.is_modified(row) for row in session.dirty):
        return False
    return not has_written(session)


def has_written(session: Session, engine: Engine | None = None) -> bool:
    """Whether anything but plain queries was sent in the transaction.

    :param engine: the only one whose transaction is meant, where the session has several.
    """
    begun: WeakSet[Connection] = session.info.get(CONNECTIONS, WeakSet())
    return any(
        WROTE in each.get_execution_options()
        for each in begun
        if not each.closed and (engine is None or each.engine.pool is engine.pool)
    )


def begin_really(session: Session, model: Any) -> None:
    """Begin the transaction that the session believes to be in already.

    Python's sqlite3 begins one only before an INSERT, UPDATE or DELETE. A SAVEPOINT that comes
    first opens its own, and its RELEASE commits: a later rollback would undo nothing.
    """
    connection = session.connection(bind_arguments={"mapper": model})
    if connection.dialect.name != "sqlite":
        return
    if not getattr(connection.connection.dbapi_connection, "in_transaction", True):
        connection.exec_driver_sql("BEGIN")


@contextmanager
def discreet() -> Iterator[None]:
    """Keep the values of a refused row out of the error's text.

    PostgreSQL quotes them, and SQLAlchemy does: a new user's password hash, for instance.
    """
    try:
        yield
    except DBAPIError as error:
        error.hide_parameters = True
        for each in (error, error.orig):
            if each is not None and each.args and isinstance(each.args[0], str):
                each.args = (each.args[0].partition("\nDETAIL:")[0], *each.args[1:])
        raise


@contextmanager
def still_there(session: Session) -> Iterator[None]:
    """:raises Conflict: when a row that is written meanwhile was deleted; rolled back."""
    try:
        with discreet():
            yield
    except StaleDataError:
        session.rollback()
        raise Conflict("A row that was to be changed is gone.") from None


@lru_cache(maxsize=1024)
def only_reads(statement: str, dialect: str = "") -> bool:
    """Whether *statement* is a query that neither writes nor locks.

    Where a SELECT can, some word says so, which may as well be a name. SQLite has none that does.
    """
    if dialect == "sqlite" and _SELECT.match(statement):
        return True
    return bool(_READ.match(statement)) and not _MORE_THAN_READ.search(statement)


@event.listens_for(Engine, "before_cursor_execute")
def _note_work(connection: Connection, cursor: Any, statement: str, *_rest: Any) -> None:
    """Mark a connection that did more than read. A session takes a new one per transaction."""
    reads = only_reads(statement, connection.dialect.name)
    if not reads and WROTE not in connection.get_execution_options():
        connection.execution_options(**{WROTE: True})


@event.listens_for(Session, "after_begin")
def _note_connection(session: Session, transaction: Any, connection: Connection) -> None:
    session.info.setdefault(CONNECTIONS, WeakSet()).add(connection)
