"""Applications of which every word is read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flask_social import clock
from flask_social.testing import ServedSandbox
from tests.attacks.leaks import U1, Secrets, Watched, everything_logged, keys, note_id_tokens
from tests.bed import Bed
from tests.protocols.paper import NOW


@pytest.fixture
def watch(
    make_bed: Callable[..., Bed], box: ServedSandbox, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Watched]]:
    """A function that serves an application whose every word is read, with U1 among its users."""
    classic = {
        "request_token_url": f"{box.url}classic/request_token",
        "authorize_url": f"{box.url}classic/authorize",
        "access_token_url": f"{box.url}classic/access_token",
        "base_url": f"{box.url}classic/api/",
        "profile_call": "me",
        "identity": {"subject": "id", "name": "name"},
    }
    usual: dict[str, Any] = {
        "SOCIAL_SANDBOX": box.url,
        "SOCIAL_CLASSIC": keys("classic") | classic,
        "SOCIAL_TWITTER": keys("twitter"),
        "SOCIAL_FACEBOOK": keys("facebook"),
        "SOCIAL_FOURSQUARE": keys("foursquare"),
    }

    def make(**given: Any) -> Watched:
        bed = make_bed(**{**usual, **given})
        bed.add_user(U1)
        secrets = Secrets()
        note_id_tokens(bed, secrets)
        return Watched(bed, secrets, written, capfd)

    with everything_logged() as written, warnings.catch_warnings(record=True) as warned:
        yield make
    assert [str(each.message) for each in warned] == []


@pytest.fixture
def watched(watch: Callable[..., Watched]) -> Watched:
    return watch()


@pytest.fixture
def _still() -> Iterator[None]:
    """The time of the providers on paper stands still."""
    with clock.replaced(lambda: NOW):
        yield
