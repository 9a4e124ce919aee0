"""F16 to F19: keys away or new, clocks that differ, ids that change type or owner."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate

import pytest

from flask_social import clock, limits
from flask_social.sandbox import Fault, Headers, Reset, Status
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config
from tests.faults.visits import UNEXPECTED, Visits


def test_F16_keys_that_are_away_do_not_matter_while_they_are_kept(acme: Visits) -> None:
    now = clock.now()
    acme.provider.fail("jwks", Status(500))
    acme.works()
    with clock.replaced(lambda: now + limits.METADATA_FRESH + 10):
        acme.works()
    assert acme.asked("jwks") == 1


def test_F16_without_any_keys_nobody_gets_in(acme: Visits) -> None:
    now = clock.now()
    faults: list[tuple[Fault, int, str, str]] = [
        (Status(500), 502, "not available at the moment", "unavailable"),
        (Status(404), 503, "not available at the moment", "bad_keys"),
        (Status(200, "<p>"), 502, UNEXPECTED, "bad_answer"),
        (Reset(), 503, "cannot be reached", "unreachable"),
    ]
    with clock.replaced(lambda: now + limits.METADATA_STALE + 10):
        for fault, status, words, code in faults:
            acme.provider.fail("jwks", fault)
            acme.fails(status, words, code)
            acme.provider.clear()
        acme.mended()


def test_F16_keys_that_were_rotated_a_second_ago_are_asked_for_once(acme: Visits) -> None:
    acme.provider.rotate_keys()
    acme.works()
    assert acme.asked("jwks") == 1
    acme.works()
    assert acme.asked("jwks") == 0


def test_F17_half_a_minute_between_the_clocks_is_nothing(acme: Visits) -> None:
    for skew in (-30, 30):
        acme.bed.sandbox.skew = skew
        acme.works()


SKEWED = {
    90: "iat is 90 s ahead",
    600: "iat is 600 s ahead",
    -90: "iat is 90 s before the trip began",
    -600: "iat is 600 s before the trip began",
    -4000: "exp passed 400 s ago",
}


def test_F17_more_between_them_is_told_to_the_operator(acme: Visits) -> None:
    now = clock.now()
    with clock.replaced(lambda: now):
        for skew, told in SKEWED.items():
            acme.bed.sandbox.skew = skew
            off = f"{abs(skew)} s {'ahead of' if skew > 0 else 'behind'} us"
            line = acme.fails(502, UNEXPECTED, "bad_id_token").line
            assert f"{told}; by its Date the provider is {off}" in line
        acme.bed.sandbox.skew = 90
        for date, off in (
            (formatdate(now, usegmt=True), "by its Date the provider is 0 s ahead of us"),
            ("half past nine", "the answer has no Date"),
        ):
            acme.provider.fail("token", Headers({"Date": date}))
            line = acme.fails(502, UNEXPECTED, "bad_id_token").line
            assert f"{SKEWED[90]}; {off}" in line
        acme.bed.sandbox.skew = 0
        acme.mended()


@pytest.fixture
def somewhere(plain: Visits) -> Visits:
    """By a provider of OAuth 2.0, on SQLite. tests/hostile has other databases."""
    return plain


def test_F18_an_id_that_changes_its_type_is_the_same_account(somewhere: Visits) -> None:
    number = int(somewhere.subject)
    for same in (str(number), number):
        somewhere.provider.set("api", id=same)
        somewhere.works()
    for other in (float(number), [number], True, f"{number}.0", f" {number}", f"0{number}"):
        somewhere.provider.set("api", id=other)
        if isinstance(other, str):
            assert somewhere.bed.browser().trip("/login/plain").headers["Location"] == "/login"
        else:
            somewhere.fails(502, UNEXPECTED, "no_subject")
    assert [row.provider_user_id for row in somewhere.bed.rows()] == [str(number)]
    somewhere.mended()


def test_F19_another_persons_profile_for_the_same_token(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    acme = {**usual_config(box.url)["SOCIAL_ACME"], "userinfo": True}
    visits = Visits(make_bed(SOCIAL_ACME=acme), caplog, "acme")
    visits.provider.set("userinfo", sub="somebody else", name="Somebody Else")
    line = visits.fails(502, UNEXPECTED, "wrong_subject").line
    assert "sub is not that of the ID token" in line
    assert "else" not in line
    visits.mended()
    assert visits.row().full_name == "Ada Lovelace"
