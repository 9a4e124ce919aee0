"""A MongoDB server for tests of what only a server can show."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.mongo import server


@pytest.fixture(scope="session")
def mongodb_uri() -> Iterator[str]:
    """The address of a server of this run."""
    with ExitStack() as stack:
        try:
            uri = stack.enter_context(server.server())
        except RuntimeError as error:
            pytest.skip(str(error))
        yield uri


@pytest.fixture(autouse=True)
def _driver_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """PyMongo logs whole commands at DEBUG, as the documentation says: a password is in one."""
    caplog.set_level(logging.INFO, logger="pymongo")
