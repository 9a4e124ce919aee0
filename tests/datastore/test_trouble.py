"""What a database's exception means: it is away, something was in the way, or it is a mistake."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from flask_social.datastore.memory import MemoryConnectionDatastore
from flask_social.datastore.sqlalchemy.trouble import overtaken, told, trouble
from flask_social.datastore.trouble import Trouble, twice
from tests.datastore import beds

AWAY, AGAIN = Trouble.AWAY, Trouble.AGAIN


def as_raised(orig: Exception) -> DBAPIError:
    """What SQLAlchemy makes of a driver's *orig*."""
    kinds: Any = (psycopg.Error, Exception)
    return DBAPIError.instance("SELECT 'hush'", {"token": "hush"}, orig, kinds)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("40001", AGAIN),
        ("40P01", AGAIN),
        ("23505", None),
        ("25006", AWAY),
        ("25P03", AWAY),
        ("53300", AWAY),
        ("55P03", AWAY),
        ("57P01", AWAY),
        ("08006", AWAY),
        ("42P01", None),
        ("42501", None),
        ("23502", None),
        ("22001", None),
    ],
)
def test_postgresql_tells_by_its_state(state: str, expected: Trouble | None) -> None:
    assert trouble(as_raised(psycopg.errors.lookup(state)("it says"))) is expected


def test_a_key_that_no_query_explains_was_taken_by_another_transaction() -> None:
    taken = as_raised(psycopg.errors.UniqueViolation("taken"))
    assert isinstance(taken, IntegrityError)
    assert trouble(overtaken(taken)) is AGAIN
    assert told(overtaken(taken)) == "psycopg.errors.UniqueViolation: taken"
    assert "'token': 'hush'" not in str(overtaken(taken))
    missing = as_raised(psycopg.errors.NotNullViolation("missing"))
    assert isinstance(missing, IntegrityError)
    assert trouble(overtaken(missing)) is None


def test_postgresql_tells_no_state_where_it_cannot_be_reached() -> None:
    assert trouble(as_raised(psycopg.OperationalError("connection failed"))) is AWAY


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(
        f"sqlite:///{tmp_path}/t.db?timeout=0", pool_size=1, max_overflow=0, pool_timeout=0
    )
    assert isinstance(engine.pool, QueuePool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (id integer primary key)"))
    yield engine
    engine.dispose()


def met(engine: Engine, *statements: str) -> SQLAlchemyError:
    """What the last of *statements* fails with."""
    with engine.connect() as connection:
        for each in statements[:-1]:
            connection.execute(text(each))
        with pytest.raises(SQLAlchemyError) as caught:
            connection.execute(text(statements[-1]))
    return caught.value


INSERT = "INSERT INTO t VALUES (1)"


def test_sqlite_tells_by_its_code(engine: Engine, tmp_path: Path) -> None:
    rival = sqlite3.connect(tmp_path / "t.db", isolation_level=None)
    rival.execute("BEGIN IMMEDIATE")
    assert trouble(met(engine, INSERT)) is AGAIN
    rival.execute("ROLLBACK")
    rival.close()
    assert trouble(met(engine, "PRAGMA query_only = ON", INSERT)) is AWAY
    assert trouble(met(engine, "SELECT * FROM nothing")) is None
    assert trouble(met(engine, "PRAGMA query_only = OFF", INSERT, INSERT)) is None


def test_a_sqlite_file_that_cannot_be_opened_is_away(tmp_path: Path) -> None:
    with pytest.raises(SQLAlchemyError) as caught:
        create_engine(f"sqlite:///{tmp_path}/no/t.db").connect()
    assert trouble(caught.value) is AWAY


def test_a_pool_that_is_empty_is_away(engine: Engine) -> None:
    with engine.connect(), pytest.raises(SQLAlchemyError) as caught:
        engine.connect()
    assert trouble(caught.value) is AWAY
    assert "QueuePool limit" in told(caught.value)


def test_a_session_whose_connection_broke_before_is_away(engine: Engine) -> None:
    with Session(engine) as session:
        session.connection().invalidate()
        with pytest.raises(PendingRollbackError) as caught:
            session.execute(text("SELECT 1"))
    assert trouble(caught.value) is AWAY
    assert trouble(PendingRollbackError("a flush failed before", code="7s2a")) is None


def undo_badly() -> None:
    """As MySQL does, which has no savepoint left to roll back once it ended a deadlock."""
    try:
        raise as_raised(psycopg.errors.DeadlockDetected("deadlock"))
    except DBAPIError:
        raise as_raised(psycopg.errors.InFailedSqlTransaction("no savepoint")) from None


def test_what_came_of_undoing_it_is_told_by_what_it_was() -> None:
    with pytest.raises(DBAPIError, match="no savepoint") as caught:
        undo_badly()
    assert trouble(caught.value) is AGAIN


def test_another_s_exception_is_none_of_it() -> None:
    assert trouble(ValueError()) is None
    store = MemoryConnectionDatastore()
    assert (store.trouble(ValueError()), store.is_idle()) == (None, False)
    assert store.told(ValueError("hush")) == "ValueError"


def test_what_is_told_is_the_driver_s_first_line_alone() -> None:
    error = as_raised(psycopg.OperationalError("it broke\nDETAIL: hush"))
    assert told(error) == "psycopg.OperationalError: it broke"
    assert told(OperationalError("SELECT 'hush'", {}, psycopg.OperationalError())) == (
        "psycopg.OperationalError: "
    )


def test_work_is_done_twice_and_not_three_times() -> None:
    calls: list[str] = []

    def work() -> None:
        calls.append("work")
        raise as_raised(psycopg.errors.DeadlockDetected("deadlock"))

    with pytest.raises(DBAPIError):
        twice(work, trouble, lambda: calls.append("undo"))
    assert calls == ["work", "undo", "work"]


@pytest.mark.parametrize("kind", ["memory", "shipped", "documented"])
def test_an_orphan_s_row_can_be_deleted_and_nobody_else_s(kind: str, tmp_path: Path) -> None:
    account = {"provider_id": "acme", "provider_user_id": "7"}
    url = beds.sqlite_file(tmp_path)
    made = beds.flask_sqlalchemy(url, getattr(beds, kind)) if kind != "memory" else beds.memory()
    for bed in made:
        with bed.unit():
            row = bed.connected("ann")
            assert bed.store.delete_orphan(**account) is False
            bed.store.commit()
            if kind == "shipped":
                session: Session = bed.store.session  # type: ignore[attr-defined]
                session.execute(text("PRAGMA foreign_keys = OFF"))
                session.execute(text('DELETE FROM "user"'))
            else:
                row.user = None
            bed.store.commit()
            assert bed.store.delete_orphan(**account) is True
            bed.store.commit()
            assert bed.store.find_connection(**account) is None
