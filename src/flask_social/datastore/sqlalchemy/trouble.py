"""Which of SQLAlchemy's exceptions tell of the database, and which of a mistake."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
    PendingRollbackError,
    TimeoutError,
)

from ..trouble import Trouble

FAULTS = (DBAPIError, PendingRollbackError, TimeoutError)
"""What something is wrong with the database shows in, or with what was asked of it."""

LOST = "8s2b"
"""SQLAlchemy's code for a session whose connection broke before, in this very transaction."""

SQLSTATE: dict[str | None, Trouble] = {
    **dict.fromkeys(("40001", "40P01"), Trouble.AGAIN),  # serialization failure, deadlock
    "25006": Trouble.AWAY,  # read-only
    **dict.fromkeys(("25P03", "25P04"), Trouble.AWAY),  # the server ended an idle transaction
}
"""PostgreSQL's codes. Others of the class OperationalError are AWAY."""

DUPLICATE = "23505"
"""PostgreSQL's code for a row whose unique key is taken: mostly a mistake of who wrote it."""

SQLITE = {
    **dict.fromkeys((5, 6), Trouble.AGAIN),  # BUSY, LOCKED
    # INTERRUPT, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL
    **dict.fromkeys((9, 8, 10, 13, 14, 15), Trouble.AWAY),
}
"""The primary result codes of SQLite. An OperationalError may also be a table that is missing."""

MYSQL_AGAIN = frozenset({1213, 1020})
"""MySQL's and MariaDB's codes: a deadlock, and a row that is newer than this snapshot."""

MYSQL_AWAY = frozenset(
    {
        0,  # PyMySQL: the connection is closed
        *(1021, 1037, 1038, 1041, 1114),  # no room
        *(1040, 1203, 1226),  # too many connections
        *(1042, 1043, 1044, 1045, 1049),  # it does not let us in
        *(1053, 1077, 1079, 1080, 1927),  # it shuts down, or ended the connection
        *range(1152, 1162),  # the network
        *(1036, 1290, 1792, 1836),  # read-only
        1205,  # locked; by now that was waited for already, 50 seconds unless set otherwise
        *(1317, 1969, 3024),  # a statement took too long, or was ended
        *range(2000, 2062),  # the client's: gone away, lost during the query
    }
)


class Overtaken(IntegrityError):
    """A unique key is taken, by a row that is newer than what this transaction can see."""


def overtaken(error: IntegrityError) -> IntegrityError:
    """*error*, which no query explains, as :class:`Overtaken` if it is about a key that is taken.

    Only PostgreSQL has that: others show a locking read the newest.
    """
    if _state(error.orig) != DUPLICATE:
        return error
    return Overtaken(error.statement, None, error.orig, hide_parameters=True)  # type: ignore[arg-type]


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
    orig = getattr(error, "orig", None) or error
    text = next((str(each) for each in reversed(orig.args) if isinstance(each, str)), "")
    kind = f"{type(orig).__module__}.{type(orig).__name__}"
    return f"{kind}: {text.strip().partition(chr(10))[0]}"


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
        case DBAPIError():
            return _by_code(error.orig, operational=isinstance(error, OperationalError))
    return None


def _by_code(orig: Any, *, operational: bool) -> Trouble | None:
    """What the driver's own exception says, told by what it carries: no driver is imported."""
    if (code := getattr(orig, "sqlite_errorcode", None)) is not None:
        return SQLITE.get(code & 0xFF)
    if orig.args and isinstance(orig.args[0], int):
        if orig.args[0] in MYSQL_AGAIN:
            return Trouble.AGAIN
        return Trouble.AWAY if orig.args[0] in MYSQL_AWAY else None
    return SQLSTATE.get(_state(orig)) or (Trouble.AWAY if operational else None)


def _state(orig: Any) -> str | None:
    """The SQLSTATE that PostgreSQL gave."""
    return getattr(orig, "sqlstate", None) or getattr(orig, "pgcode", None)
