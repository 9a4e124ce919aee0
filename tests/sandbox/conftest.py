from __future__ import annotations

from collections.abc import Iterator

import pytest

from flask_social.testing import ServedSandbox, sandbox

from .walk import Walk


@pytest.fixture
def box() -> Iterator[ServedSandbox]:
    """A sandbox where everybody who comes is Ada."""
    with sandbox() as served:
        served.login_as("ada")
        yield served


@pytest.fixture
def acme(box: ServedSandbox) -> Walk:
    return Walk(box, "acme")


@pytest.fixture
def plain(box: ServedSandbox) -> Walk:
    return Walk(box, "plain")
