"""What Peewee's exceptions mean: the database is away, something was in the way, or a mistake."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
from peewee import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    SqliteDatabase,
)
from playhouse.pool import MaxConnectionsExceeded, PooledSqliteDatabase

from flask_social.datastore.peewee.trouble import discreet, overtaken, told, trouble
from flask_social.datastore.trouble import Trouble
from tests.datastore import peewee_beds as beds

AWAY, AGAIN = Trouble.AWAY, Trouble.AGAIN
DETAIL = "Key is taken\nDETAIL:  Key (name)=(hush) already exists."


class MySQLError(Exception):
    """As drivers of MySQL raise it, none of which is needed here."""


def as_raised(kind: type[DatabaseError | InterfaceError], orig: Exception) -> Any:
    """What Peewee makes of a driver's *orig*."""
    return kind(orig, *orig.args)


@pytest.mark.parametrize(
    ("state", "kind", "expected"),
    [
        ("40001", OperationalError, AGAIN),
        ("40P01", OperationalError, AGAIN),
        ("23505", IntegrityError, None),
        ("25006", DatabaseError, AWAY),
        ("53300", OperationalError, AWAY),
        ("55P03", OperationalError, AWAY),
        ("57P01", OperationalError, AWAY),
        ("42P01", ProgrammingError, None),
        ("23502", IntegrityError, None),
    ],
)
def test_postgresql_tells_by_its_state(state: str, kind: Any, expected: Trouble | None) -> None:
    assert trouble(as_raised(kind, psycopg.errors.lookup(state)("it says"))) is expected


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        (1213, OperationalError, AGAIN),
        (1020, OperationalError, AGAIN),
        (1205, OperationalError, AWAY),
        (2013, OperationalError, AWAY),
        (0, InterfaceError, AWAY),
        (1146, ProgrammingError, None),
        (1062, IntegrityError, None),
    ],
)
def test_mysql_tells_by_its_code(code: int, kind: Any, expected: Trouble | None) -> None:
    error = as_raised(kind, MySQLError(code, "it says"))
    assert trouble(error) is expected
    assert told(error) == f"{__name__}.MySQLError: it says"


def test_a_key_that_no_query_explains_was_taken_by_another_transaction() -> None:
    error = overtaken(as_raised(IntegrityError, psycopg.errors.UniqueViolation("taken")))
    assert isinstance(error, IntegrityError)
    assert trouble(error) is AGAIN
    assert told(error) == "psycopg.errors.UniqueViolation: taken"
    missing = as_raised(IntegrityError, psycopg.errors.NotNullViolation("missing"))
    assert overtaken(missing) is missing
    assert trouble(missing) is None


def test_a_closed_connection_is_away() -> None:
    assert trouble(as_raised(InterfaceError, psycopg.InterfaceError("closed"))) is AWAY
    assert trouble(as_raised(OperationalError, psycopg.OperationalError("closed"))) is AWAY


def test_a_pool_that_is_empty_is_away(tmp_path: Path) -> None:
    database = PooledSqliteDatabase(
        str(tmp_path / "t.db"), max_connections=1, check_same_thread=False
    )
    database.connect()
    held = database._state.conn
    database._state.reset()
    with pytest.raises(MaxConnectionsExceeded) as caught:
        database.connect()
    assert trouble(caught.value) is AWAY
    assert "MaxConnectionsExceeded" in told(caught.value)
    held.close()


def test_a_sqlite_file_that_cannot_be_opened_is_away(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as caught:
        SqliteDatabase(str(tmp_path / "no" / "t.db")).connect()
    assert trouble(caught.value) is AWAY


def test_sqlite_tells_by_its_code(tmp_path: Path) -> None:
    database = beds.sqlite_file(tmp_path)
    with database.connection_context():
        database.execute_sql("CREATE TABLE t (id integer primary key)")
        rival = sqlite3.connect(tmp_path / "social.db", isolation_level=None)
        rival.execute("BEGIN IMMEDIATE")
        database.execute_sql("PRAGMA busy_timeout = 0")
        with pytest.raises(OperationalError) as caught:
            database.execute_sql("INSERT INTO t VALUES (1)")
        assert trouble(caught.value) is AGAIN
        rival.close()
        database.execute_sql("PRAGMA query_only = ON")
        with pytest.raises(OperationalError) as caught:
            database.execute_sql("INSERT INTO t VALUES (1)")
        assert trouble(caught.value) is AWAY
        with pytest.raises(OperationalError) as caught:
            database.execute_sql("SELECT * FROM nothing")
        assert trouble(caught.value) is None


def test_what_is_peewees_own_is_a_mistake(tmp_path: Path) -> None:
    database = beds.sqlite_file(tmp_path)
    database.connect()
    with pytest.raises(OperationalError, match="already opened") as caught:
        database.connect()
    database.close()
    assert trouble(caught.value) is None
    assert told(caught.value) == "peewee.OperationalError: Connection already opened."
    assert trouble(ValueError()) is None


def undo_badly() -> None:
    """As MySQL does, which has no savepoint left to roll back once it ended a deadlock."""
    try:
        raise as_raised(OperationalError, MySQLError(1213, "deadlock"))
    except DatabaseError:
        lost = MySQLError(1305, "no savepoint")
        raise as_raised(OperationalError, lost) from None


def test_what_came_of_undoing_it_is_told_by_what_it_was() -> None:
    with pytest.raises(OperationalError, match="no savepoint") as caught:
        undo_badly()
    assert trouble(caught.value) is AGAIN


def test_an_error_that_is_let_pass_quotes_no_value() -> None:
    with pytest.raises(IntegrityError) as caught, discreet():
        raise as_raised(IntegrityError, psycopg.errors.UniqueViolation(DETAIL))
    error: Any = caught.value
    assert "hush" not in f"{error} {error!r} {error.orig} {error.orig!r}"
    assert "Key is taken" in str(error)
