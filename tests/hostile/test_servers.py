"""The servers of this folder: each test has a database to itself, and no stranger gets in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.hostile import mariadb
from tests.hostile.databases import KINDS, Database


@pytest.mark.parametrize("time", [1, 2])
def test_every_test_gets_an_empty_mariadb_database(
    mariadb_databases: mariadb.Databases, time: int
) -> None:
    with mariadb_databases.fresh() as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            assert sa.inspect(connection).get_table_names() == []
            connection.exec_driver_sql("CREATE TABLE left_behind (id int)")
            assert connection.exec_driver_sql("SELECT @@character_set_database").scalar() == (
                "utf8mb4"
            )
        engine.dispose()


def test_a_mariadb_database_goes_even_while_something_holds_it(
    mariadb_databases: mariadb.Databases,
) -> None:
    with mariadb_databases.fresh() as url:
        engine = sa.create_engine(url)
        held = engine.connect()
        held.exec_driver_sql("CREATE TABLE held (id int)")
        held.exec_driver_sql("SELECT * FROM held")
    held.invalidate()
    engine.dispose()
    name = make_url(url).database
    found = mariadb_databases.connection.exec_driver_sql("SHOW DATABASES").scalars().all()
    assert name not in found


def test_servers_of_our_own_listen_in_folders_that_nobody_else_enters(
    mariadb_databases: mariadb.Databases, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = mariadb_databases.url.query.get("unix_socket")
    if not isinstance(own, str) or not redis_url.startswith("unix://"):
        pytest.skip("a server was named, which is not ours")
    for path in (Path(own), Path(redis_url.removeprefix("unix://"))):
        assert path.is_socket()
        assert path.parent.stat().st_mode & 0o077 == 0
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


@pytest.mark.parametrize("kind", KINDS)
def test_a_transaction_that_is_left_open_is_seen(
    kind: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(kind)
    with database.connected() as connection:
        connection.exec_driver_sql("CREATE TABLE one (id int)")
        connection.commit()
    database.require_quiet()
    with database.connected() as holder:
        holder.exec_driver_sql("INSERT INTO one VALUES (1)")
        with pytest.raises((TimeoutError, sa.exc.OperationalError)):
            database.require_quiet(patience=0.2)
        holder.rollback()
        database.require_quiet()
