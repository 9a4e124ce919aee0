"""Which of SQLAlchemy's exceptions tell of the database, and which of a mistake."""

from __future__ import annotations

import re

from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
    PendingRollbackError,
    TimeoutError,
)

from ..drivers import DUPLICATE, state_of, told_of, trouble_of
from ..trouble import Trouble

FAULTS = (DBAPIError, PendingRollbackError, TimeoutError)
"""What something is wrong with the database shows in, or with what was asked of it."""

_NAME = r'"(?:[^"]|"")+"|`(?:[^`]|``)+`|[^\s."`]+'
TARGET = re.compile(rf"(?:INSERT INTO|UPDATE) (?:(?:{_NAME})\.)*({_NAME})(?=\s)")
"""What a statement writes to: the name of the table behind that of its schema."""

LOST = "8s2b"
"""SQLAlchemy's code for a session whose connection broke before, in this very transaction."""


class Overtaken(IntegrityError):
    """A unique key is taken, by a row that is newer than what this transaction can see."""


def overtaken(error: IntegrityError) -> IntegrityError:
    """*error*, which no query explains, as :class:`Overtaken` if it is about a key that is taken.

    Only PostgreSQL has that: others show a locking read the newest.
    """
    if state_of(error.orig) != DUPLICATE:
        return error
    return Overtaken(error.statement, None, error.orig, hide_parameters=True)  # type: ignore[arg-type]


def wrote_to(table: str, error: DBAPIError) -> bool:
    """Whether the statement that failed writes to *table*: a flush writes to others as well."""
    if (target := TARGET.match(error.statement or "")) is None:
        return False
    name, quote = target[1], target[1][0]
    return table == (name[1:-1].replace(2 * quote, quote) if quote in '"`' else name)


def trouble(error: BaseException | None) -> Trouble | None:
    """What *error* tells of the database; ``None`` when it tells of a mistake.

    An error that came of dealing with another one tells of that: MySQL, for instance, forgets the
    savepoint that is to be rolled back when it ends a deadlock.
    """
    if not isinstance(error, FAULTS):
        return None
    found: Trouble | None = None
    each: BaseException | None = error
    while found is None and each is not None:
        found, each = _own(each), each.__context__
    return found


def told(error: BaseException) -> str:
    """*error* in a line for a log, without the statement, its parameters or any value."""
    return told_of(getattr(error, "orig", None) or error)


def _own(error: BaseException) -> Trouble | None:
    match error:
        case Overtaken():
            return Trouble.AGAIN
        case TimeoutError():
            return Trouble.AWAY
        case PendingRollbackError():
            return Trouble.AWAY if error.code == LOST else None
        case DBAPIError() if error.connection_invalidated:
            return Trouble.AWAY
        case DBAPIError() if error.orig is not None:
            return trouble_of(error.orig, operational=isinstance(error, OperationalError))
    return None
