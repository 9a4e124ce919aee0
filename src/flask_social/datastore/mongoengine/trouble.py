"""Which exceptions of MongoEngine and its driver tell of the database, and which of a mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mongoengine.errors import OperationError
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    OperationFailure,
    PyMongoError,
)

from ..trouble import Trouble

T = TypeVar("T")

FAULTS = (PyMongoError, OperationError)
"""What something is wrong with the database shows in, or with what was asked of it."""

AGAIN = frozenset({112, 225, 244, 251})
"""The server's codes: a write conflict, and a transaction of the application's that was ended."""

AWAY = frozenset(
    {
        *(6, 7, 89, 9001),  # the network
        *(91, 189, 10107, 11600, 11602, 13435, 13436, 10058),  # not the primary, or not any more
        *(13, 18, 8000),  # it does not let us in
        *(24, 50, 64, 134, 202, 262),  # out of time
        *(14031, 365),  # no room
    }
)
TRANSIENT = "TransientTransactionError"


class Overtaken(OperationFailure):
    """Somebody else's write was in the way of this one, which is undone."""


def trouble(error: BaseException | None) -> Trouble | None:
    """What *error* tells of the database; ``None`` when it tells of a mistake.

    MongoEngine wraps what the driver raised, so what an exception came of is looked at as well.
    """
    if not isinstance(error, FAULTS):
        return None
    found: Trouble | None = None
    each: BaseException | None = error
    while found is None and each is not None:
        found, each = _own(each), each.__cause__ or each.__context__
    return found


def told(error: BaseException) -> str:
    """*error* in a line for a log. The server quotes values, so its code is told, not its words."""
    orig = _driver(error) or error
    kind = f"{type(orig).__module__}.{type(orig).__name__}"
    if isinstance(orig, OperationFailure):
        return f"{kind}: {_named(orig)}"
    if isinstance(orig, ConnectionFailure):
        text = str(orig).partition(" (configured")[0].partition(", Timeout")[0]
        return f"{kind}: {text.partition(chr(10))[0]}"
    return kind


def quietly(write: Callable[[], T]) -> T:
    """What *write* returns. The values of a document that is refused stay out of the error.

    The server quotes the key that is taken, and what a validator of the collection was given.
    """
    try:
        return write()
    except (OperationFailure, OperationError) as error:
        orig = _driver(error)
        if not isinstance(orig, OperationFailure):
            raise
        quiet = _quiet(orig)
    raise quiet  # out here, so that it does not carry the other about as its context


def taken_fields(error: OperationFailure) -> frozenset[str]:
    """The fields of the unique key that *error* says is taken, where the server tells."""
    return frozenset((error.details or {}).get("keyPattern", ()))


def _own(error: BaseException) -> Trouble | None:
    if not isinstance(error, PyMongoError):
        return None
    code = getattr(error, "code", None)
    if isinstance(error, Overtaken) or code in AGAIN or error.has_error_label(TRANSIENT):
        return Trouble.AGAIN
    is_away = isinstance(error, ConnectionFailure) or code in AWAY or error.timeout
    return Trouble.AWAY if is_away else None


def _driver(error: BaseException) -> PyMongoError | None:
    """The driver's exception that *error* is, or was made of."""
    each: BaseException | None = error
    while each is not None and not isinstance(each, PyMongoError):
        each = each.__cause__ or each.__context__
    return each


def _quiet(error: OperationFailure) -> OperationFailure:
    """*error* once more, of its class where one is made like all others, without any value."""
    kind = OperationFailure if isinstance(error, BulkWriteError) else type(error)
    return kind(_named(error), error.code, _bare(error))


def _named(error: OperationFailure) -> str:
    """The server's code, by its name where it has one, and the key where one is taken."""
    name = (error.details or {}).get("codeName") or type(error).__name__
    keys = taken_fields(error)
    return f"{name} ({error.code})" + (f": {', '.join(sorted(keys))}" if keys else "")


def _bare(error: OperationFailure) -> dict[str, object]:
    """What *error* tells by names alone."""
    details = error.details or {}
    names = ("code", "codeName", "errorLabels", "keyPattern")
    return {name: details[name] for name in names if name in details}
