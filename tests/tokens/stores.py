"""An application on each of the stores, and what its database holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from mongoengine.connection import get_db

from flask_social.testing import ServedSandbox
from tests import mongobed, peeweebed
from tests.bed import Bed, usual_config
from tests.datastore import peewee_beds
from tests.hostile.databases import Database

EMAIL = "user@example.org"
FIRST, SECOND = (f"{name}:{letter * 43}=" for name, letter in (("first", "A"), ("second", "E")))


@dataclass
class Store:
    """An application on one of the stores."""

    bed: Any
    dump: Callable[[], str]
    """Everything that its database holds."""


def sql_dump(url: str) -> str:
    """Every row of every table."""
    engine = sa.create_engine(url)
    metadata = sa.MetaData()
    with engine.connect() as connection:
        metadata.reflect(connection)
        rows = [
            row for table in metadata.sorted_tables for row in connection.execute(table.select())
        ]
    engine.dispose()
    return "\n".join(repr(tuple(row)) for row in rows)


def mongo_dump(alias: str) -> str:
    """Every document of every collection."""
    database = get_db(alias)
    names = database.list_collection_names()
    return "\n".join(repr(each) for name in names for each in database[name].find())


@pytest.fixture
def keys() -> list[str]:
    return [FIRST]


@pytest.fixture(
    params=["sqlite", "postgresql", "mariadb", "peewee-sqlite", "peewee-postgresql", "mongoeco"]
)
def store(
    request: pytest.FixtureRequest,
    box: ServedSandbox,
    make_bed: Callable[..., Bed],
    open_database: Callable[[str], Database],
    keys: list[str],
    tmp_path: Path,
) -> Iterator[Store]:
    settings: dict[str, Any] = {"SOCIAL_TOKEN_KEYS": lambda: list(keys), **usual_config(box.url)}
    orm, _, kind = request.param.rpartition("-")
    with ExitStack() as stack:
        if kind == "mongoeco":
            host = {"host": request.getfixturevalue("mongodb_uri")}
            bed = stack.enter_context(mongobed.served(box, host, **settings))
            yield Store(bed, lambda: mongo_dump(bed.alias))
            return
        url = open_database(kind).url
        if orm == "peewee":
            open_peewee = getattr(peewee_beds, "sqlite_file" if kind == "sqlite" else kind)
            database = open_peewee(tmp_path if kind == "sqlite" else url)
            if kind == "sqlite":
                url = f"sqlite:///{database.database}"
            served = stack.enter_context(peeweebed.served(box, database, **settings))
            yield Store(served, lambda: sql_dump(url))
            if not database.is_closed():  # the test's own thread has used it too
                database.close()
            return
        yield Store(make_bed(database=url, **settings), lambda: sql_dump(url))
