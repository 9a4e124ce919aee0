"""A078 with every payload percent-encoded, wherever a way back is named."""

from __future__ import annotations

import pytest

from tests.attacks import test_A078_everywhere as everywhere
from tests.attacks import test_A078_open_redirect as plainly
from tests.attacks.test_A078_everywhere import visitor  # noqa: F401 - a fixture
from tests.attacks.test_A078_open_redirect import linked_browser  # noqa: F401 - a fixture
from tests.bed import Bed, Browser

ENCODINGS = ("once", "twice")
"""Plain ones are tried in tests/attacks."""
EVERY = pytest.mark.parametrize("payload", plainly.PAYLOADS, ids=range(1, 31))


@EVERY
def test_A078_encoded(
    linked_browser: tuple[Bed, Browser],  # noqa: F811
    payload: str,
) -> None:
    for encoding in ENCODINGS:
        plainly.test_A078_open_redirect(linked_browser, plainly.ENCODINGS[encoding](payload))


@EVERY
def test_A078_encoded_everywhere(
    visitor: Browser,  # noqa: F811
    payload: str,
) -> None:
    for encoding in ENCODINGS:
        target = plainly.ENCODINGS[encoding](payload)
        everywhere.test_A078_after_a_verification(visitor, target, followed=False)
        everywhere.test_A078_from_a_session(visitor, target, followed=False)
        everywhere.test_A078_on_a_page(visitor, target, followed=False)
        everywhere.test_A078_after_a_failure(visitor, target, followed=False)
        everywhere.test_A078_in_json(visitor, target, followed=False)
