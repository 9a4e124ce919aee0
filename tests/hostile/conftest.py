"""Real servers for tests of real processes: MariaDB, Redis, gunicorn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from flask_social.testing import ServedSandbox
from tests.attacks.conftest import watch, watched  # noqa: F401
from tests.faults.conftest import acme, plain  # noqa: F401
from tests.hostile import mariadb, redis_server
from tests.hostile.databases import KINDS, Database
from tests.hostile.gunicorn import serving
from tests.hostile.workers import Workers


@pytest.fixture(scope="session")
def mariadb_databases() -> Iterator[mariadb.Databases]:
    """What makes empty databases on a MariaDB server of this run."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(mariadb.server())
        except RuntimeError as error:
            pytest.skip(str(error))
        yield stack.enter_context(mariadb.databases(url))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis server of this run."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(redis_server.server())
        except RuntimeError as error:
            pytest.skip(str(error))
        yield url


@pytest.fixture
def open_database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Database]]:
    """A function that gives an empty database of the kind that is asked for."""
    with ExitStack() as stack:

        def opened(kind: str) -> Database:
            if kind == "sqlite":
                url = f"sqlite:///{tmp_path}/app.sqlite?timeout=60"  # to wait for others' locks
            else:
                fixture = {"postgresql": "postgres_databases", "mariadb": "mariadb_databases"}
                url = stack.enter_context(request.getfixturevalue(fixture[kind]).fresh())
            database = Database(kind, url)
            database.prepare()
            return database

        yield opened


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Database:
    """An empty database, on each of the servers in turn."""
    return open_database(request.param)


@pytest.fixture
def serve(
    box: ServedSandbox,
    tmp_path: Path,
    open_database: Callable[[str], Database],
) -> Iterator[Callable[..., Workers]]:
    """A function that serves the application by two workers on a database, which outlives them."""
    with ExitStack() as stack:

        def serve(database: Database, **given: Any) -> Workers:
            return stack.enter_context(serving(box, database, tmp_path / "notes", **given))

        yield serve


@pytest.fixture
def serve_on(
    request: pytest.FixtureRequest,
    serve: Callable[..., Workers],
    open_database: Callable[[str], Database],
) -> Callable[..., Workers]:
    """The same on a kind of database; ``redis`` is PostgreSQL, with the ledger on Redis."""

    def serve_on(kind: str, **given: Any) -> Workers:
        if kind == "redis":
            url = request.getfixturevalue("redis_url")
            return serve(open_database("postgresql"), redis=url, **given)
        return serve(open_database(kind), **given)

    return serve_on


@pytest.fixture
def workers(serve: Callable[..., Workers], database: Database) -> Workers:
    """Two workers of gunicorn that serve the application of :mod:`.application`."""
    return serve(database)
