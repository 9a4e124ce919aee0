"""Ledgers: each flow is spent once, wherever that is remembered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from flask_social import clock
from flask_social.datastore.base import Ledger
from flask_social.datastore.sqlalchemy.ledger import BATCH, BATCHES
from flask_social.flows.ledger import MemoryLedger
from tests.datastore import beds
from tests.datastore.beds import Bed

NOW = 1_000_000
LATER = NOW + 600
KEY = "state-of-one-flow"
FORBID_DELETION = {
    "sqlite": [
        "CREATE TRIGGER keep BEFORE DELETE ON spent_flow BEGIN SELECT RAISE(ABORT, 'not now'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$",
        "CREATE TRIGGER keep BEFORE DELETE ON spent_flow EXECUTE FUNCTION refuse()",
    ],
}


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with clock.replaced(lambda: NOW):
        yield


@dataclass
class Place:
    """A ledger, and a session for each thread."""

    ledger: Ledger
    bed: Bed


@pytest.fixture(params=["sqlite", "postgresql", "database in memory", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    match request.param:
        case "memory":
            [bed] = beds.memory()
            yield Place(MemoryLedger(), bed)
            return
        case "sqlite":
            made = beds.flask_sqlalchemy(beds.sqlite_file(tmp_path))
        case "postgresql":
            made = beds.flask_sqlalchemy(request.getfixturevalue("postgres_database"))
        case _:
            made = beds.flask_sqlalchemy("sqlite://")
    for bed in made:
        assert bed.store.ledger is not None
        yield Place(bed.store.ledger, bed)


@pytest.fixture(params=["sqlite", "postgresql"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    postgresql = request.param == "postgresql"
    sqlite = beds.sqlite_file(tmp_path)
    url = request.getfixturevalue("postgres_database") if postgresql else sqlite
    for bed in beds.flask_sqlalchemy_lite(url):
        assert bed.store.ledger is not None
        yield Place(bed.store.ledger, bed)


def _rows(place: Place) -> list[str]:
    assert place.bed.engine is not None
    with place.bed.engine.connect() as connection:
        return list(connection.scalars(text("SELECT key_hash FROM spent_flow")))


def test_a_flow_is_spent_once(place: Place) -> None:
    with place.bed.unit():
        assert not place.ledger.is_spent(KEY)
        assert place.ledger.spend(KEY, LATER) is True
        assert place.ledger.spend(KEY, LATER) is False
        assert place.ledger.is_spent(KEY)
        assert place.ledger.spend(KEY + "x", LATER) is True
    with place.bed.unit():
        assert place.ledger.spend(KEY, LATER) is False


def test_of_many_who_spend_a_flow_at_once_one_does(place: Place) -> None:
    many = 5
    barrier = threading.Barrier(many, timeout=120)

    def spend(_number: int) -> bool:
        with place.bed.unit():
            barrier.wait()
            return place.ledger.spend(KEY, LATER)

    with ThreadPoolExecutor(many) as pool:
        assert sorted(pool.map(spend, range(many))) == [False] * (many - 1) + [True]


def leave_pending(place: Place, row: Any) -> None:
    """Change *row* as an application does: not sent yet, where there is a session to send it."""
    if hasattr(place.bed.store, "session"):
        row.access_token = "pending"
    else:
        place.bed.store.update_connection(row, access_token="pending")


def test_spending_commits_nothing_of_the_application(place: Place) -> None:
    with place.bed.unit():
        row = place.bed.connected("ann")
        leave_pending(place, row)
        assert place.ledger.spend(KEY, LATER) is True
        assert place.ledger.spend(KEY, LATER) is False
        assert row.access_token == "pending"
        place.bed.store.rollback()
        assert row.access_token == "token"
        assert place.ledger.is_spent(KEY)


def test_spending_loses_nothing_of_the_application(place: Place) -> None:
    with place.bed.unit():
        row = place.bed.connected("ann")
        leave_pending(place, row)
        place.ledger.spend(KEY, LATER)
        place.ledger.spend(KEY, LATER)
        place.bed.store.commit()
    with place.bed.unit():
        assert place.bed.store.find_connections()[0].access_token == "pending"


@pytest.mark.parametrize("place", ["postgresql", "database in memory", "memory"], indirect=True)
def test_work_that_was_sent_already_is_neither_committed_nor_lost(place: Place) -> None:
    """A SQLite file is left out, which admits one writer at a time."""
    with place.bed.unit():
        ann = place.bed.find_user("ann")
        values: dict[str, Any] = {"user": ann, "provider_id": "acme", "access_token": "t"}
        place.ledger.spend(KEY, LATER)
        place.bed.store.create_connection(provider_user_id="7", **values)
        assert place.ledger.spend(KEY, LATER) is False
        place.bed.store.commit()
        place.bed.store.create_connection(provider_user_id="8", **values)
        assert place.ledger.spend(KEY + "x", LATER) is True
        place.bed.store.rollback()
    with place.bed.unit():
        assert [row.provider_user_id for row in place.bed.store.find_connections()] == ["7"]


def test_what_is_kept_is_a_hash_of_the_key(table: Place) -> None:
    with table.bed.unit():
        table.ledger.spend("abc", LATER)
    assert _rows(table) == ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]


def test_memory_keeps_no_key_as_it_was() -> None:
    ledger = MemoryLedger()
    ledger.spend(KEY, LATER)
    assert KEY not in repr(vars(ledger))


def test_flows_are_forgotten_after_their_time_and_not_before(place: Place) -> None:
    with place.bed.unit():
        place.ledger.spend("short", NOW + 100)
        place.ledger.spend("long", NOW + 1000)
        with clock.replaced(lambda: NOW + 99):
            place.ledger.spend("another", LATER)
            assert place.ledger.is_spent("short")
        with clock.replaced(lambda: NOW + 200):
            place.ledger.spend("one more", LATER)
            assert not place.ledger.is_spent("short")
            assert place.ledger.is_spent("long")


def test_the_table_is_purged_once_a_minute(table: Place) -> None:
    with table.bed.unit():
        table.ledger.spend("a", NOW + 10)
        with clock.replaced(lambda: NOW + 59):
            table.ledger.spend("b", LATER)
            assert len(_rows(table)) == 2
        with clock.replaced(lambda: NOW + 60):
            table.ledger.spend("c", LATER)
            assert len(_rows(table)) == 2


def test_one_purge_forgets_a_bounded_number(table: Place) -> None:
    model = table.bed.store.ledger._model  # type: ignore[union-attr]
    many = BATCH * BATCHES + 7
    expired = [{"key_hash": f"{number:064}", "expires_at": NOW - 1} for number in range(many)]
    assert table.bed.engine is not None
    with table.bed.engine.begin() as connection:
        connection.execute(insert(model), expired)
    with table.bed.unit():
        assert table.ledger.spend(KEY, LATER)
        with table.bed.engine.connect() as connection:
            assert connection.scalar(select(func.count()).select_from(model)) == 8


def test_a_purge_that_fails_does_not_undo_the_spending(
    table: Place, caplog: pytest.LogCaptureFixture
) -> None:
    assert table.bed.engine is not None
    with table.bed.engine.begin() as connection:
        for statement in FORBID_DELETION[table.bed.engine.dialect.name]:
            connection.execute(text(statement))
    with table.bed.unit():
        table.ledger.spend("old", NOW - 1)
        assert table.ledger.spend(KEY, LATER) is True
        with clock.replaced(lambda: NOW + 60):
            assert table.ledger.spend(KEY, LATER) is False
        assert len(_rows(table)) == 2
    [record] = [each for each in caplog.records if each.name == "flask_social"]
    assert record.levelname == "WARNING"
    assert KEY not in record.message
