"""What the exceptions of database drivers tell, whichever ORM sent the statement.

They are told by what they carry, so no driver is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..errors import ColumnTooShort
from .trouble import Trouble

SQLSTATE: dict[str | None, Trouble] = {
    **dict.fromkeys(("40001", "40P01"), Trouble.AGAIN),  # serialization failure, deadlock
    "25006": Trouble.AWAY,  # read-only
    **dict.fromkeys(("25P03", "25P04"), Trouble.AWAY),  # the server ended an idle transaction
}
"""PostgreSQL's codes. Others of the class OperationalError are AWAY."""

DUPLICATE = "23505"
"""PostgreSQL's code for a row whose unique key is taken: mostly a mistake of who wrote it."""

TOO_LONG = "22001"
"""PostgreSQL's code for a text that its column has no room for. SQLite has none."""

MYSQL_TOO_LONG = 1406
"""MySQL's and MariaDB's."""

COLUMN, LIMIT = re.compile(r"column '([^']+)'"), re.compile(r"\((\d+)\)")
"""What they tell of it: MySQL its name, PostgreSQL how many characters it holds."""

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


def trouble_of(orig: BaseException, *, operational: bool) -> Trouble | None:
    """What the driver's exception *orig* tells; ``None`` when it tells of a mistake.

    :param operational: whether it is an OperationalError (PEP 249).
    """
    if (code := getattr(orig, "sqlite_errorcode", None)) is not None:
        return SQLITE.get(code & 0xFF)
    if orig.args and isinstance(orig.args[0], int):
        if orig.args[0] in MYSQL_AGAIN:
            return Trouble.AGAIN
        return Trouble.AWAY if orig.args[0] in MYSQL_AWAY else None
    return SQLSTATE.get(state_of(orig)) or (Trouble.AWAY if operational else None)


@contextmanager
def wide_enough(
    faults: tuple[type[Exception], ...],
    model: str,
    written: Callable[[], Mapping[str, Any]],
    concerns: Callable[[Any], bool] = bool,
) -> Iterator[None]:
    """:raises ColumnTooShort: when a column has no room for what is written to it meanwhile.

    :param faults: what an ORM raises, with the driver's exception as its ``orig``.
    :param written: gives what was to be written, as the database was given it.
    :param concerns: whether an exception is about that, where something else is written as well.
    """
    try:
        yield
    except faults as error:
        orig: Any = getattr(error, "orig", None)
        if not (orig and _is_too_long(orig) and concerns(error)):
            raise
        told, texts = told_of(orig), written()
        if not _may_be_of(told, texts):
            raise
        raise ColumnTooShort(f"{told}: widen {_short(told, model, texts)}") from None


def _is_too_long(orig: Any) -> bool:
    return state_of(orig) == TOO_LONG or orig.args[:1] == (MYSQL_TOO_LONG,)


def _sizes(texts: Mapping[str, Any]) -> dict[str, int]:
    return {name: len(text) for name, text in texts.items() if isinstance(text, str | bytes)}


def _may_be_of(told: str, texts: Mapping[str, Any]) -> bool:
    """Whether one of *texts* is too long for what PostgreSQL tells that the column holds.

    Else it is about a column that the application fills, by a default or in a table of its own.
    """
    limit = LIMIT.search(told)
    return limit is None or any(size > int(limit[1]) for size in _sizes(texts).values())


def _short(told: str, model: str, texts: Mapping[str, Any]) -> str:
    """Which column may be meant. MySQL tells its name, PostgreSQL how much it holds."""
    sizes = _sizes(texts)
    if column := COLUMN.search(told):
        sizes = {name: size for name, size in sizes.items() if name == column[1]}
    elif limit := LIMIT.search(told):
        sizes = {name: size for name, size in sizes.items() if size > int(limit[1])}
    short = [f"{model}.{name} for {size} characters" for name, size in sizes.items()]
    return ", or ".join(short) or f"a column of {model}"


def state_of(orig: Any) -> str | None:
    """The SQLSTATE that PostgreSQL gave."""
    return getattr(orig, "sqlstate", None) or getattr(orig, "pgcode", None)


def told_of(orig: BaseException) -> str:
    """*orig* in a line for a log. What follows its first line may quote values."""
    text = next((str(each) for each in reversed(orig.args) if isinstance(each, str)), "")
    kind = f"{type(orig).__module__}.{type(orig).__name__}"
    return f"{kind}: {text.strip().partition(chr(10))[0]}"


def scrub(error: BaseException) -> None:
    """Take the values of the refused row, which PostgreSQL quotes, out of *error*'s text."""
    error.args = tuple(
        each.partition("\nDETAIL:")[0] if isinstance(each, str) else each for each in error.args
    )
