"""The time stands still in here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flask_social import clock

from .paper import NOW


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.replaced(lambda: NOW):
        yield
