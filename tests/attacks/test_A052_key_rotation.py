"""A052: keys that are rotated, out of reach and withdrawn, on a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flask_social import clock
from flask_social.sandbox import Headers, Status
from flask_social.sandbox.keys import KeyRing
from flask_social.testing import ServedSandbox
from tests.attacks.logins import accepted, linked, refused
from tests.bed import Bed

MINUTE, HOUR, DAY = 60, 3_600, 86_400
"""Between two refetches; as long as a document is fresh; as long as one does while it is away."""


@pytest.fixture
def now() -> Iterator[list[int]]:
    """The time, which stands still until a test changes it."""
    moment = [clock.now()]
    with clock.replaced(lambda: moment[0]):
        yield moment


def signing_with(box: ServedSandbox, generation: int, *published: int) -> None:
    """Let ``acme`` sign with the key of *generation*, and publish those."""
    ring = KeyRing("acme", generation)
    ring.published = [f"acme-{each}" for each in published]
    box["acme"].keys = ring


def test_A052_a_rotation_an_outage_and_a_withdrawal(
    bed: Bed, box: ServedSandbox, now: list[int]
) -> None:
    linked(bed)
    box["acme"].rotate_keys()
    accepted(bed)
    assert box.count("acme", "jwks") == 1, "one refetch for the key that is new"
    accepted(bed)
    assert box.count("acme", "jwks") == 1

    outage = box["acme"].fail("jwks", Status(500))
    now[0] += HOUR
    accepted(bed)
    assert box.count("acme", "jwks") == 2, "the kept key is stale, and yet it works"
    accepted(bed)
    assert box.count("acme", "jwks") == 2, "and what is away is left alone for a minute"

    box["acme"].clear("jwks")
    outage.release()
    signing_with(box, 1, 2)  # the key that signed so far is withdrawn, but signs still
    now[0] += MINUTE
    refused(bed)
    signing_with(box, 2, 2)
    accepted(bed)


def test_A052_a_key_is_withdrawn_while_it_is_kept(
    bed: Bed, box: ServedSandbox, now: list[int]
) -> None:
    """Kept keys work for an hour at most, and no longer once any token made us look."""
    linked(bed)
    signing_with(box, 0, 1)
    accepted(bed)
    signing_with(box, 1, 1)
    accepted(bed)
    assert box.count("acme", "jwks") == 1
    signing_with(box, 0, 1)
    refused(bed)


def test_A052_nothing_is_kept_for_ever(bed: Bed, box: ServedSandbox, now: list[int]) -> None:
    linked(bed)
    box["acme"].fail("jwks", Status(500))
    box["acme"].fail("discovery", Status(500))
    now[0] += DAY - 1
    accepted(bed)

    now[0] += 1
    browser = bed.browser()
    answer = browser.post("/login/acme")
    assert answer.status_code == 502
    assert "Location" not in answer.headers
    box["acme"].clear("discovery")
    refused(bed, status=502)

    box["acme"].clear("jwks")
    now[0] += MINUTE
    accepted(bed)


def test_A052_a_dead_document_is_not_used_for_ever(
    bed: Bed, box: ServedSandbox, now: list[int]
) -> None:
    """The provider moves its endpoints: a worker that lives on follows within the hour.

    It does so even where the provider itself allowed more.
    """
    box["acme"].fail("discovery", Headers({"Cache-Control": "public, max-age=9999999"}))
    linked(bed)
    moved = f"{box.url}op-a/authorize"
    box["acme"].set("discovery", authorization_endpoint=moved)
    now[0] += HOUR - 1
    assert not bed.browser().set_out("/login/acme").startswith(moved)
    now[0] += 1
    assert bed.browser().set_out("/login/acme").startswith(moved)
