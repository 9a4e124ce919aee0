"""A091 and A092: a provider that never ends, and one that says more than fits."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest

from flask_social import clock, limits
from flask_social.sandbox import Drip, Fault, Gzip, Hang, Headers, Size, Status
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config
from tests.faults.visits import UNEXPECTED, Visits
from tests.faulty import TRIES

SLOW = "takes too long to answer. Nothing was changed"
IS_JSON = {"Content-Type": "application/json"}


def hangs(visits: Visits, endpoint: str, *faults: Fault, at_start: bool = False) -> None:
    """The visitor has a page before the deadline, and the endpoint was asked once."""
    for fault in faults:
        visits.provider.fail(endpoint, fault)
    for seconds in TRIES:
        with visits.hasty(seconds):
            visits.fails(504, SLOW, "too_slow", asked=None, at_start=at_start)
        if visits.asked(endpoint):
            break
    assert visits.asked(endpoint) == 1
    visits.provider.clear()


@pytest.fixture
def plain(bed: Bed, caplog: pytest.LogCaptureFixture) -> Visits:
    """By a provider of OAuth 2.0."""
    return Visits(bed, caplog)


@pytest.fixture
def classic(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> Visits:
    """By a provider of OAuth 1.0a."""
    home = f"{box.url}classic"
    keys = {
        "consumer_key": "classic key",
        "consumer_secret": "classic secret",
        "request_token_url": f"{home}/request_token",
        "authorize_url": f"{home}/authorize",
        "token_url": f"{home}/access_token",
        "api_url": f"{home}/api/",
        "profile_call": "me",
        "identity": {"subject": "id"},
    }
    return Visits(make_bed(SOCIAL_CLASSIC=keys), caplog, "classic", endpoint="access_token")


@pytest.fixture
def asking(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> Visits:
    """By a provider of OpenID Connect whose UserInfo is asked each time."""
    acme = {**usual_config(box.url)["SOCIAL_ACME"], "userinfo": True}
    return Visits(make_bed(SOCIAL_ACME=acme), caplog, "acme")


def test_A091_every_call_of_a_callback_may_hang_or_drip(asking: Visits) -> None:
    for endpoint in ("token", "userinfo"):
        hangs(asking, endpoint, Hang())
        hangs(asking, endpoint, Size(60_000), Drip(0.01))
    asking.mended()


def test_A091_so_may_those_of_a_start(asking: Visits) -> None:
    now = clock.now()
    with clock.replaced(lambda: now + limits.METADATA_STALE + 1):
        hangs(asking, "discovery", Hang(), at_start=True)
        hangs(asking, "discovery", Size(60_000), Drip(0.01), at_start=True)
        asking.mended()


def test_A091_and_those_of_oauth_1(classic: Visits) -> None:
    hangs(classic, "request_token", Hang(), at_start=True)
    hangs(classic, "access_token", Hang())
    hangs(classic, "api", Size(60_000), Drip(0.01))
    classic.mended()


def test_A091_disconnecting_waits_for_nobody(plain: Visits) -> None:
    for endpoint in ("token", "revoke", "api"):
        plain.provider.fail(endpoint, Hang())
    browser = plain.bed.browser().sign_in("one@example.org")
    assert browser.post("/disconnect/plain").status_code == 303
    assert plain.bed.rows() == []


def test_A092_bodies_that_are_none(plain: Visits) -> None:
    bombs = [Size(100 * limits.BODY), Gzip(10**10)]
    odd: list[Fault] = [
        Size(limits.BODY + 1),
        Gzip(),
        Headers({"Content-Encoding": "br"}),
        Headers({"Content-Type": "text/plain"}),
        Headers({"Content-Type": "application/x-www-form-urlencoded"}),
        Status(200, "<html>", {"Content-Type": "text/html"}),
        Status(200, "<html>", IS_JSON),
        Status(200, "", IS_JSON),
        Status(204),
        Status(206, "{}", IS_JSON),
    ]
    cases = [("token", each) for each in [*bombs, *odd]] + [("api", each) for each in bombs]
    for endpoint, fault in cases:
        plain.provider.fail(endpoint, fault)
        plain.fails(502, UNEXPECTED, "bad_answer")
        plain.provider.clear()
    plain.mended()


def test_A092_what_is_just_within_the_limits(
    plain: Visits, caplog: pytest.LogCaptureFixture
) -> None:
    for endpoint in ("token", "api"):
        plain.provider.fail(endpoint, Size(limits.BODY))
    plain.works()
    plain.provider.clear()
    plain.provider.change("api", lambda honest: "\ufeff" + json.dumps(honest))
    with caplog.at_level(logging.DEBUG):
        plain.works()


def test_A092_bombs_at_the_start_and_among_the_keys(asking: Visits) -> None:
    now = clock.now()
    with clock.replaced(lambda: now + limits.METADATA_STALE + 1):
        for bomb in (Size(100 * limits.BODY), Gzip(10**10)):
            asking.provider.fail("discovery", bomb)
            asking.fails(502, UNEXPECTED, "bad_answer", asked=0, at_start=True)
            asking.provider.clear()
        asking.works()
        asking.provider.rotate_keys(withdraw=True)
    with clock.replaced(lambda: now + 2 * limits.METADATA_STALE + 2):
        for bomb in (Size(100 * limits.BODY), Gzip(10**10)):
            asking.provider.fail("jwks", bomb)
            asking.fails(502, UNEXPECTED, "bad_answer")
            asking.provider.clear()
        asking.mended()


def test_A092_forms_of_oauth_1(classic: Visits) -> None:
    for endpoint, at_start in (("request_token", True), ("access_token", False)):
        for fault in (
            Size(100 * limits.BODY),
            Gzip(10**10),
            Status(200, "&".join(f"a{number}=1" for number in range(5_000))),
            Status(200, "oauth_token=a&oauth_token=b&oauth_token_secret=c"),
            Status(200, b"\xff\xfe"),
            Status(200, ""),
            Status(204),
        ):
            classic.provider.fail(endpoint, fault)
            asked = 0 if at_start else 1
            classic.fails(502, UNEXPECTED, "bad_answer", asked=asked, at_start=at_start)
            classic.provider.clear()
    classic.mended()
