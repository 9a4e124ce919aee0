"""For every test: a bed, and PostgreSQL when asked for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import wtforms
from flask_security import forms
from hypothesis import HealthCheck, settings
from wtforms.fields.core import UnboundField

from flask_social.testing import ServedSandbox, sandbox
from tests import freshness, postgres, skips, verdicts, watch
from tests.bed import UNSERVED, Bed, end, make_app, served, usual_config


def pytest_addoption(parser: pytest.Parser) -> None:
    verdicts.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    for plugin in (skips, verdicts, watch):
        config.pluginmanager.register(plugin)


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what lasts, and come by less often.

    Each application makes classes by the dozen, so that it would look at all that was imported
    again and again: a third of the time of a test.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


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
        end(UNSERVED.pop())


# The same examples in every run, and no verdict from a clock: a busy machine is no defect.
settings.register_profile(
    "everywhere", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("everywhere")

FIELDS = {
    form: {name: field for name, field in vars(form).items() if isinstance(field, UnboundField)}
    for form in vars(forms).values()
    if isinstance(form, type) and issubclass(form, wtforms.Form)
}
"""The fields of Flask-Security's forms, before any application asked for others."""


@pytest.fixture(autouse=True)
def _restore_forms() -> Iterator[None]:
    """Undo what an application's settings changed in Flask-Security's forms, which all share."""
    yield
    for form, fields in FIELDS.items():
        for name, field in list(vars(form).items()):
            if isinstance(field, UnboundField) and fields.get(name) is not field:
                delattr(form, name)
        for name, field in fields.items():
            if vars(form).get(name) is not field:
                setattr(form, name, field)


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
    """A function that serves an application: its capital arguments are added to the usual keys."""
    with ExitStack() as beds:

        def make(**given: Any) -> Bed:
            config = {name: value for name, value in given.items() if name.isupper()}
            others = {name: value for name, value in given.items() if not name.isupper()}
            bed = make_app({**usual_config(box.url), **config}, **others)
            bed.sandbox = box
            return beds.enter_context(served(bed))

        yield make


@pytest.fixture
def bed(make_bed: Callable[..., Bed]) -> Bed:
    """An application with the providers ``acme`` (OpenID Connect) and ``plain`` (OAuth 2.0)."""
    return make_bed()


@pytest.fixture
def make_connected(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> Callable[..., freshness.Connected]:
    """A function that connects Ada; arguments alter ``acme``, or the bed if that takes them."""

    def make(provider_id: str = "acme", **given: Any) -> freshness.Connected:
        ours = {name for name in given if name.isupper()} | given.keys() & {"database", "declare"}
        acme = {name: value for name, value in given.items() if name not in ours}
        others = {name: given[name] for name in ours}
        bed = make_bed(**{**freshness.config(box, **acme), **others})
        return freshness.Connected(bed, provider_id)

    return make


@pytest.fixture
def ada(make_connected: Callable[..., freshness.Connected]) -> freshness.Connected:
    """Ada, connected by ``acme``, whose access token is good for an hour."""
    return make_connected()
