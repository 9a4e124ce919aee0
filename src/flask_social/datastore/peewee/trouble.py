"""Which of Peewee's exceptions tell of the database, and which of a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from peewee import DatabaseError, IntegrityError, InterfaceError, OperationalError
from playhouse.pool import MaxConnectionsExceeded

from ..drivers import DUPLICATE, scrub, state_of, told_of, trouble_of
from ..trouble import Trouble

FAULTS = (DatabaseError, InterfaceError, MaxConnectionsExceeded)
"""What something is wrong with the database shows in, or with what was asked of it."""


class Overtaken(IntegrityError):
    """A unique key is taken, by a row that is newer than what this transaction can see."""


def overtaken(error: Exception) -> Exception:
    """*error*, which no query explains, as :class:`Overtaken` if it is about a key that is taken.

    Only PostgreSQL has that: others show a locking read the newest.
    """
    if state_of(_original(error)) != DUPLICATE:
        return error
    return Overtaken(_original(error), *error.args)


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
    return told_of(_original(error) or error)


@contextmanager
def discreet() -> Iterator[None]:
    """Keep the values of a refused row out of the error's text."""
    try:
        yield
    except DatabaseError as error:
        for each in (error, _original(error)):
            if each is not None:
                scrub(each)
        raise


def _own(error: BaseException) -> Trouble | None:
    if isinstance(error, Overtaken):
        return Trouble.AGAIN
    if isinstance(error, MaxConnectionsExceeded):
        return Trouble.AWAY
    if not isinstance(error, FAULTS) or (orig := _original(error)) is None:
        return None
    if isinstance(error, InterfaceError) and type(orig).__module__.startswith("psycopg"):
        return Trouble.AWAY  # the connection is closed
    return trouble_of(orig, operational=isinstance(error, OperationalError))


def _original(error: BaseException) -> BaseException | None:
    """The driver's exception that Peewee made *error* of; ``None`` where it is Peewee's own."""
    orig = getattr(error, "orig", None)
    return orig if isinstance(orig, BaseException) else None
