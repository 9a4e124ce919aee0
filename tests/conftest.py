"""For every test: a bed, PostgreSQL when asked for, and in CI no skip that nobody wrote down."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from flask_social.testing import ServedSandbox, sandbox
from tests import postgres
from tests.bed import Bed, make_app, served, usual_config

SKIPPED: dict[str, str] = {}
"""What was skipped in this run: test id -> reason."""


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


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _unlisted() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    unlisted = _unlisted()
    if unlisted:
        terminalreporter.section("skipped in CI, but not in tests/allowed_skips.txt", red=True)
        for test, reason in unlisted.items():
            terminalreporter.line(f"{test}  {reason}")


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        SKIPPED[report.nodeid] = reason


def _unlisted() -> dict[str, str]:
    """Skips that fail the run: in CI, all that tests/allowed_skips.txt does not name."""
    if not os.environ.get("CI"):
        return {}
    lines = Path(__file__).with_name("allowed_skips.txt").read_text().splitlines()
    allowed = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
    return {
        test: reason
        for test, reason in SKIPPED.items()
        if test not in allowed and test.partition("[")[0] not in allowed
    }


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
