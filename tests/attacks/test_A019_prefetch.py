"""A019: what nobody meant yet spends nothing: a browser that fetches ahead, HEAD and OPTIONS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flask_social.sandbox.shapes import subject_of
from tests.bed import Bed, Browser, query_of

U1 = "one@example.org"
AHEAD = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Sec-Purpose": "Prefetch"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
    {"Purpose": "preview"},
]


def linked(bed: Bed) -> Browser:
    """U1's browser, in a *bed* where U1's account is Ada's at ``acme``."""
    bed.add_user(U1)
    bed.connect(U1, "acme", str(subject_of(bed.sandbox["acme"].script, bed.sandbox.people["ada"])))
    return bed.browser().sign_in(U1)


def looked_ahead(browser: Browser, url: str) -> None:
    """Every way of asking without meaning it is answered with nothing, and nothing comes of it."""
    bed, kept = browser.bed, browser.http.cookies.get_dict()
    before = bed.accounts()
    for headers in AHEAD:
        ahead = browser.get(url, headers=headers)
        assert (ahead.status_code, ahead.text) == (425, "")
        assert "no-store" in ahead.headers["Cache-Control"]
    for method, status in (("HEAD", 425), ("OPTIONS", 200)):
        answer = browser._send(method, url)
        assert (answer.status_code, answer.text) == (status, "")
        assert "Set-Cookie" not in answer.headers
    assert browser.http.cookies.get_dict() == kept
    assert (bed.calls("acme"), bed.told, bed.accounts()) == (0, [], before)


@pytest.mark.parametrize("path", ["/login/acme", "/connect/acme", "/reconnect/acme"])
def test_A019_a_callback_that_is_fetched_ahead(bed: Bed, path: str) -> None:
    browser = linked(bed)
    if path == "/login/acme":
        browser = bed.browser()
    callback = browser.at_provider(browser.set_out(path))

    looked_ahead(browser, callback)

    assert browser.get(callback).status_code == 303
    assert (bed.calls("acme"), browser.who()) == (1, U1)


def test_A019_the_one_callback_of_every_intent(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(SOCIAL_SINGLE_CALLBACK=True)
    browser = linked(bed)
    callback = browser.at_provider(browser.set_out("/connect/acme"))
    assert callback.startswith(f"{bed.url}/callback/acme?")

    looked_ahead(browser, callback)

    assert browser.get(callback).headers["Location"] == "/connections"


def test_A019_both_steps_of_a_detour(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(SESSION_COOKIE_SAMESITE="Strict")
    browser = linked(bed)
    callback = browser.at_provider(browser.set_out("/connect/acme"))

    looked_ahead(browser, callback)
    assert browser.get(callback, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    second = f"/connect/acme?state={query_of(callback)['state']}"
    looked_ahead(browser, second)

    assert browser.get(second).headers["Location"] == "/connections"
    assert bed.calls("acme") == 1


def test_A019_a_fetch_ahead_of_a_stranger_says_no_more(bed: Bed) -> None:
    for headers in [*AHEAD, {}]:
        method = "GET" if headers else "HEAD"
        answer = bed.browser()._send(method, "/login/acme?code=c&state=s", headers=headers)
        assert (answer.status_code, answer.text) == (425, "")
    assert bed.told == []


def test_A019_a_head_of_a_page_changes_nothing(bed: Bed) -> None:
    browser = linked(bed)
    bed.connect(U1, "acme", "another")
    before = bed.accounts()
    for path in ("/connect/acme", "/connect/acme/another", "/disconnect/acme", "/verify/acme"):
        for method in ("HEAD", "OPTIONS"):
            assert browser._send(method, path).status_code in (200, 302)
    assert (bed.accounts(), bed.told, bed.calls("acme")) == (before, [], 0)
