"""For every test: a bed, and PostgreSQL when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from flask_social.testing import ServedSandbox, sandbox
from tests import postgres
from tests.bed import UNSERVED, Bed, close, make_app, served, usual_config
from tests.skips import (  # noqa: F401 - hooks
    pytest_collectreport,
    pytest_runtest_logreport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A SQLAlchemy URL of a PostgreSQL server, started when the first test asks for it."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_databases(postgres_url: str) -> Iterator[postgres.Databases]:
    """What makes the databases of :func:`postgres_database`."""
    with postgres.databases(postgres_url) as databases:
        yield databases


@pytest.fixture
def postgres_database(postgres_databases: postgres.Databases) -> Iterator[str]:
    """A SQLAlchemy URL of an empty PostgreSQL database of this test's own."""
    with postgres_databases.fresh() as url:
        yield url


@pytest.fixture(autouse=True)
def _close_databases() -> Iterator[None]:
    """Close what a test made and did not serve."""
    yield
    while UNSERVED:
        close(UNSERVED.pop())


@pytest.fixture(scope="session")
def served_sandbox() -> Iterator[ServedSandbox]:
    """The sandbox on a port of localhost, for the whole run."""
    with sandbox() as box:
        yield box


@pytest.fixture
def box(served_sandbox: ServedSandbox) -> Iterator[ServedSandbox]:
    """The sandbox as new: nobody consented, nothing is wrong. Ada says yes to everything."""
    served_sandbox.reset()
    served_sandbox.login_as("ada")
    yield served_sandbox
    served_sandbox.release()


@pytest.fixture
def make_bed(box: ServedSandbox) -> Iterator[Callable[..., Bed]]:
    """A function that serves an application: its keyword arguments are added to the usual keys."""
    with ExitStack() as beds:

        def make(*, database: str = "sqlite://", **config: Any) -> Bed:
            bed = make_app({**usual_config(box.url), **config}, database=database)
            bed.sandbox = box
            return beds.enter_context(served(bed))

        yield make


@pytest.fixture
def bed(make_bed: Callable[..., Bed]) -> Bed:
    """An application with the providers ``acme`` (OpenID Connect) and ``plain`` (OAuth 2.0)."""
    return make_bed()
