"""Keys are rotated, and tokens removed, on every kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mongomock
import pytest

from flask_social.datastore.sealing import PREFIX
from flask_social.flows.rotation import Rotated, batches, rotate

from . import beds, mongoengine_beds, peewee_beds
from .beds import Bed
from .sealing_contract import FOREIGN, NEW, OLD, tokens

MONGO = {"mongo_client_class": mongomock.MongoClient}
STORES: dict[str, Callable[[Path], Iterator[Bed]]] = {
    "SQLAlchemy": lambda folder: beds.plain(beds.sqlite_file(folder)),
    "SQLAlchemy, documented": lambda folder: beds.plain(beds.sqlite_file(folder), beds.documented),
    "Peewee": lambda folder: peewee_beds.plain(peewee_beds.sqlite_file(folder)),
    "Peewee, documented": lambda folder: peewee_beds.plain(
        peewee_beds.sqlite_file(folder), peewee_beds.documented
    ),
    "MongoEngine": lambda _: mongoengine_beds.mongo(mongoengine_beds.shipped, **MONGO),
    "MongoEngine, documented": lambda _: mongoengine_beds.mongo(
        mongoengine_beds.documented, **MONGO
    ),
}


@pytest.fixture(params=STORES)
def bed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bed]:
    yield from STORES[request.param](tmp_path)


def fill(bed: Bed, number: int) -> None:
    with bed.unit():
        for each in range(number):
            bed.connected("ann", str(each), **tokens(bed))


def rotate_all(bed: Bed, after: Any = None) -> list[Rotated]:
    """What became of every row, two at a time."""
    done = []
    with bed.unit():
        for rows in batches(bed.store, after, 2):
            assert len(rows) <= 2
            for row in rows:
                became = rotate(row, bed.store)
                assert isinstance(became, Rotated)
                done.append(became)
    return done


def sealed_under(bed: Bed) -> list[set[str]]:
    """The ids of the keys of each row; a plain token has none."""
    return [
        {
            row[name].split(":")[2] if row[name].startswith(PREFIX) else "plain"
            for name in bed.tokens
            if row[name] is not None
        }
        for row in bed.raw()
    ]


@pytest.mark.parametrize("before", [(), (OLD,)])
def test_every_row_is_sealed_under_the_first_key_once(bed: Bed, before: tuple[str, ...]) -> None:
    bed.restart(*before)
    fill(bed, 5)
    bed.restart(NEW, OLD)
    assert [each.is_new for each in rotate_all(bed)] == [True] * 5
    assert sealed_under(bed) == [{"b"}] * 5
    stored = bed.raw()
    assert [each.is_new for each in rotate_all(bed)] == [False] * 5
    assert bed.raw() == stored
    bed.restart(NEW)
    with bed.unit():
        for row in bed.store.find_connections():
            assert {name: getattr(row, name) for name in bed.tokens} == tokens(bed)


def test_a_key_goes_to_the_command_line_and_comes_back(bed: Bed) -> None:
    bed.restart()
    fill(bed, 3)
    with bed.unit():
        key = bed.store.stored_tokens(limit=2)[-1].key
    bed.restart(NEW)
    assert len(rotate_all(bed, type(key)(str(key)))) == 1
    assert sealed_under(bed) == [{"plain"}, {"plain"}, {"b"}]


def test_what_no_key_opens_stays_as_it_is(bed: Bed) -> None:
    bed.restart(FOREIGN)
    fill(bed, 2)
    stored = bed.raw()
    bed.restart(NEW, OLD)
    assert [each.row.unreadable for each in rotate_all(bed)] == [tuple(bed.tokens)] * 2
    assert bed.raw() == stored


def test_where_none_are_kept_all_are_removed(bed: Bed) -> None:
    bed.restart(FOREIGN)
    fill(bed, 2)
    bed.restart(OLD, keeps=False)
    assert [each.is_new for each in rotate_all(bed)] == [True] * 2
    assert sealed_under(bed) == [set()] * 2
