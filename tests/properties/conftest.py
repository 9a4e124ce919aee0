"""How long to look: the same examples in every run, or by HYPOTHESIS_PROFILE=random new ones."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from flask_social import clock
from flask_social.testing import ServedSandbox
from tests.bed import UNSERVED, Bed, close, listening, make_app, usual_config
from tests.protocols.paper import NOW

settings.register_profile(
    "random",
    derandomize=False,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
if os.environ.get("HYPOTHESIS_PROFILE") == "random":
    settings.load_profile("random")


@pytest.fixture
def _still() -> Iterator[None]:
    """The time of the providers on paper stands still."""
    with clock.replaced(lambda: NOW):
        yield


@pytest.fixture
def inside(box: ServedSandbox) -> Iterator[Bed]:
    """An application that is asked within this process, while its provider answers over HTTP."""
    bed = make_app(usual_config(box.url))
    UNSERVED.remove(bed)
    bed.sandbox = box
    try:
        with listening(bed):
            yield bed
    finally:
        close(bed)
