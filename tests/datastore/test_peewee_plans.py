"""What the Peewee store asks most is answered by an index, however many connections there are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import peewee_beds as beds
from .beds import Bed

ROWS = 2000
LOOKS: dict[str, Callable[[Any, Any], Any]] = {
    "by account": lambda store, ann: store.find_connection(
        provider_id="acme", provider_user_id="7"
    ),
    "by user": lambda store, ann: store.find_connections(user=ann, provider_id="acme"),
    "by key": lambda store, ann: store.read_token(store.find_connection(user=ann)),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def bed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bed]:
    if request.param == "sqlite":
        yield from beds.plain(beds.sqlite_file(tmp_path))
    else:
        yield from beds.plain(beds.postgresql(request.getfixturevalue("postgres_database")))


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_no_table_is_read_from_end_to_end(
    bed: Bed, look: Callable[[Any, Any], Any], caplog: pytest.LogCaptureFixture
) -> None:
    store: Any = bed.store
    explain = "EXPLAIN QUERY PLAN" if bed.one_writer else "EXPLAIN"
    with bed.unit():
        users = [{"name": f"user {number}"} for number in range(ROWS)]
        model = store.connection_model
        model.user.rel_model.insert_many(users).execute()
        rows = [
            {"user": number, "provider_id": "acme", "provider_user_id": str(number)}
            for number in range(1, ROWS + 1)
        ]
        model.insert_many(rows).execute()
        store.database.execute_sql("ANALYZE")
        ann = model.user.rel_model.get(name="user 6")
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "peewee"):
            assert look(store, ann)
        asked: list[Any] = [each.msg for each in caplog.records if each.name == "peewee"]
        assert asked
        for statement, parameters in asked:
            plan = store.database.execute_sql(f"{explain} {statement}", parameters).fetchall()
            told = str(plan)
            assert "USING" in told or "Index" in told, told
            assert "SCAN" not in told, told
            assert "Seq Scan" not in told, told
