"""F4 to F7: the provider hangs, breaks, loses a good token, or is busy."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from flask_social import clock, limits
from flask_social.sandbox import Drip, Fault, Hang, Reset, Size, Status
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config
from tests.faults.visits import U1, UNEXPECTED, Visits
from tests.faulty import TRIES

JSON = {"Content-Type": "application/json"}
SLOW = "takes too long to answer. Nothing was changed"
AWAY = "is not available at the moment. Nothing was changed"
BODIES = ["", "<h1>Oops</h1>", '{"error": "invalid_grant"}', '{"access_token": "a"}']
NOW = 1_800_000_000


@pytest.mark.parametrize(
    "faults", [lambda: [Hang()], lambda: [Size(60_000), Drip(0.01)]], ids=["hangs", "drips"]
)
def test_F04_a_token_endpoint_that_never_ends(
    plain: Visits, faults: Callable[[], list[Fault]]
) -> None:
    for fault in faults():
        plain.provider.fail("token", fault)
    for seconds in TRIES:
        with plain.hasty(seconds):
            plain.fails(504, SLOW, "too_slow", asked=None)
        if plain.asked():
            break
    assert plain.asked() == 1
    plain.mended()


def test_F04_metadata_that_never_come(acme: Visits) -> None:
    now = clock.now()
    acme.provider.fail("discovery", Hang())
    with clock.replaced(lambda: now + limits.METADATA_STALE + 1):
        for seconds in TRIES:
            with acme.hasty(seconds):
                acme.fails(504, SLOW, "too_slow", asked=0, at_start=True)
            if acme.asked("discovery"):
                break
    assert acme.asked("discovery") == 1
    acme.mended()


def test_F04_while_one_waits_others_get_in(plain: Visits) -> None:
    other = Visits(plain.bed, plain.log, "acme")
    hang = Hang()
    plain.provider.fail("token", hang)
    patient = plain.bed.browser()
    callback = patient.at_provider(patient.set_out("/login/plain"))
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(patient.get, callback)
        try:
            assert hang.entered.wait(60)
            other.works()
            assert not waiting.done()
        finally:
            plain.provider.clear()
        assert waiting.result(60).status_code == 303
    assert patient.who() == U1


def test_F05_a_token_endpoint_that_breaks_is_asked_once(plain: Visits) -> None:
    broken = [Status(500, body, JSON) for body in BODIES]
    broken += [Status(status, BODIES[1]) for status in (501, 502, 503, 504)]
    for fault in [*broken, Status(500, late=True)]:
        plain.provider.fail("token", fault)
        ours = fault.code if fault.code in (503, 504) else 502
        assert f"status {fault.code}" in plain.fails(ours, AWAY, "unavailable").line
        plain.provider.clear()
    plain.mended()


def test_F05_a_connection_that_breaks_after_the_code_was_taken_is_not_opened_again(
    plain: Visits,
) -> None:
    plain.provider.fail("token", Reset(late=True))
    plain.fails(503, "cannot be reached", "unreachable")
    plain.mended()


@pytest.fixture
def asking(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> Visits:
    """By a provider of OpenID Connect whose UserInfo is asked each time."""
    acme = {**usual_config(box.url)["SOCIAL_ACME"], "userinfo": True}
    return Visits(make_bed(SOCIAL_ACME=acme), caplog, "acme")


@pytest.mark.parametrize(("fixture", "endpoint"), [("asking", "userinfo"), ("plain", "api")])
def test_F06_a_good_token_is_dropped_when_nobody_can_be_told_by_it(
    request: pytest.FixtureRequest, fixture: str, endpoint: str
) -> None:
    visits: Visits = request.getfixturevalue(fixture)
    for fault, status, words, code in (
        (Status(500), 502, AWAY, "unavailable"),
        (Status(401, '{"error": "invalid_token"}', JSON), 502, UNEXPECTED, "bad_answer"),
        (Status(403), 502, UNEXPECTED, "bad_answer"),
        (Status(200, "<p>Sign in first.</p>"), 502, UNEXPECTED, "bad_answer"),
        (Reset(), 503, "cannot be reached", "unreachable"),
    ):
        visits.provider.fail(endpoint, fault)
        visits.fails(status, words, code)
        visits.provider.clear()
    given = set(visits.provider.access_tokens) - {visits.row().access_token}
    assert len(given) == 5
    assert not any(token in str(visits.kept()) for token in given)
    visits.mended()


def test_F06_a_profile_that_takes_too_long(plain: Visits) -> None:
    plain.provider.fail("api", Hang())
    for seconds in TRIES:
        with plain.hasty(seconds):
            plain.fails(504, SLOW, "too_slow", asked=None)
        if plain.asked("api"):
            break
    assert (plain.asked(), plain.asked("api")) == (1, 1)
    plain.mended()


def test_F07_a_busy_providers_wish_is_passed_on_within_an_hour(plain: Visits) -> None:
    later = format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True)
    for wish, passed_on in (
        ("120", "120"),
        ("0", "1"),
        ("1000000000", "3600"),
        (later, "90"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1"),
        ("-1", None),
        ("1e9", None),
        ("soon", None),
        ("", None),
    ):
        plain.provider.fail("token", Status(429, headers={"Retry-After": wish}))
        with clock.replaced(lambda: NOW):
            ended = plain.fails(503, "busy. Nothing was changed", "busy")
        assert (wish, ended.answer.headers.get("Retry-After")) == (wish, passed_on)
        [told] = plain.bed.signals("provider_failed")
        assert told["error"].retry_after == (int(passed_on) if passed_on else None)
        plain.provider.clear()
    plain.provider.fail("token", Status(503, headers={"Retry-After": "120"}))
    assert plain.fails(503, AWAY, "unavailable").answer.headers["Retry-After"] == "120"
    plain.mended()


def test_F07_so_it_is_at_the_start(acme: Visits) -> None:
    now = clock.now()
    acme.provider.fail("discovery", Status(429, headers={"Retry-After": "120"}))
    with clock.replaced(lambda: now + limits.METADATA_STALE + 1):
        ended = acme.fails(503, "busy", "busy", asked=0, at_start=True)
    assert ended.answer.headers["Retry-After"] == "120"
    acme.mended()
