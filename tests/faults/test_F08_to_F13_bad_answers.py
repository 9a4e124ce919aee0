"""F8 to F13: an answer that is no answer: HTML, cut off, mislabelled, too much, a redirect."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product

import pytest

from flask_social import clock, limits
from flask_social.sandbox import Fault, Gzip, Headers, Redirect, Size, Status, Truncate
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config
from tests.faults.visits import UNEXPECTED, Visits

HTML = "<html>\r\n<script>alert(1)</script>" + "portal \x1b[31m" * 300
IS_JSON = {"Content-Type": "application/json"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def asking(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> Visits:
    """By a provider of OpenID Connect whose UserInfo is asked each time."""
    acme = {**usual_config(box.url)["SOCIAL_ACME"], "userinfo": True}
    return Visits(make_bed(SOCIAL_ACME=acme), caplog, "acme")


def refused(visits: Visits, endpoint: str, fault: Fault, code: str = "bad_answer") -> str:
    """The line in the log of a login that *fault* ends."""
    visits.provider.fail(endpoint, fault)
    ended = visits.fails(502, UNEXPECTED, code)
    visits.provider.clear()
    return ended.line


def test_F08_a_page_in_place_of_an_answer(asking: Visits) -> None:
    for endpoint in ("token", "userinfo"):
        for headers in ({"Content-Type": "text/html"}, IS_JSON):
            line = refused(asking, endpoint, Status(200, HTML, headers))
            assert len(line) < 300
            assert not any(each in line for each in ("portal", "<", "\x1b", "\r", "\n"))
    asking.mended()


def test_F09_an_answer_cut_off_after_any_byte(asking: Visits) -> None:
    for endpoint, length in (("token", 0), ("token", 1), ("token", 40), ("userinfo", 20)):
        line = refused(asking, endpoint, Truncate(length))
        assert "not a whole HTTP answer" in line
    asking.mended()


def test_F09_an_answer_that_is_shorter_than_it_says(plain: Visits) -> None:
    refused(plain, "token", Headers({"Content-Length": "100000"}))
    refused(plain, "token", Headers({"Content-Length": "20"}))
    plain.provider.replace("token", '{"access_token": "cut')
    plain.fails(502, UNEXPECTED, "bad_answer")
    plain.mended()


def test_F10_a_profile_is_json_and_says_so(plain: Visits) -> None:
    for media in ("text/plain", "text/html", FORM, ""):
        refused(plain, "api", Headers({"Content-Type": media}))
    plain.provider.fail("api", Headers({"Content-Type": "application/problem+json; charset=x"}))
    plain.mended()


def test_F12_more_than_anybody_has_to_say(asking: Visits) -> None:
    refused(asking, "token", Size(10**10))
    refused(asking, "userinfo", Gzip(10**10))
    for body in ("[" * 100_000, json.dumps(dict.fromkeys(map(str, range(3_000)), 1))):
        asking.provider.replace("token", body)
        asking.fails(502, UNEXPECTED, "bad_answer")
    asking.mended()


def test_F12_so_it_is_with_keys_and_metadata(acme: Visits) -> None:
    now = clock.now()
    for endpoint, at_start in (("discovery", True), ("jwks", False)):
        acme.provider.rotate_keys(withdraw=True)
        acme.provider.fail(endpoint, Size(10**10))
        later = now + limits.METADATA_STALE + 1
        with clock.replaced(lambda later=later: later):  # type: ignore[misc]
            asked = 0 if at_start else 1
            acme.fails(502, UNEXPECTED, "bad_answer", asked=asked, at_start=at_start)
        acme.provider.clear()
    acme.mended()


def test_F13_a_redirect_is_not_followed(asking: Visits, box: ServedSandbox) -> None:
    for endpoint, code in product(("token", "userinfo"), (301, 302, 303, 307, 308)):
        to_sink = Redirect(f"{box.url}sink/caught?secret=1", code)
        line = refused(asking, endpoint, to_sink, "redirected")
        assert "to localhost" in line
        assert "caught" not in line
    assert list(box.sink) == []
    asking.mended()
