"""F38 to F44: another browser, prefetches, half an hour, and a long way back."""

from __future__ import annotations

import pytest

from flask_social import clock
from tests.bed import Bed, Browser

U1 = "one@example.org"


def callback_of(browser: Browser, path: str) -> str:
    return browser.at_provider(browser.set_out(path))


@pytest.mark.parametrize("action", ["login", "connect"])
def test_F38_the_answer_opened_in_another_browser_ends_nothing_in_either(
    bed: Bed, action: str
) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.sandbox.reset_counters()
    browser, other = bed.browser(), bed.browser()
    if action == "connect":
        browser.sign_in(U1)
    callback = callback_of(browser, f"/{action}/acme")

    answer = other.get(callback)

    assert answer.status_code == 400
    assert "not started in this browser" in answer.text
    assert 'href="/login/acme">Start again' in answer.text
    assert other.who() is None
    assert bed.calls("acme") == 0
    assert browser.get(callback).status_code == 303, "where it began, it goes on"
    assert browser.who() == U1
    assert len(bed.rows()) == 1


AHEAD = [
    {"Sec-Purpose": "prefetch;prerender"},
    {"Sec-Purpose": "prefetch"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
]


def test_F39_a_prefetch_spends_nothing_and_the_visit_that_follows_works(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    callback = callback_of(browser, "/connect/acme")
    cookies = browser.http.cookies.get_dict()
    for headers in AHEAD:
        answer = browser.get(callback, headers=headers)
        assert (answer.status_code, answer.text) == (425, "")
        assert "Set-Cookie" not in answer.headers
        assert browser.http.cookies.get_dict() == cookies
    assert bed.calls("acme") == 0
    assert bed.told == []

    assert browser.get(callback).headers["Location"] == "/connections"
    assert len(bed.rows()) == 1


def test_F39_head_and_a_preview_bot_leave_the_flow_as_it_is(bed: Bed) -> None:
    bed.add_user(U1)
    browser, bot = bed.browser().sign_in(U1), bed.browser()
    callback = callback_of(browser, "/connect/acme")

    head = browser.http.head(callback, timeout=60, allow_redirects=False)
    preview = bot.get(callback, headers={"User-Agent": "SomeBot/1.0 (link preview)"})

    assert (head.status_code, preview.status_code) == (425, 400)
    assert bed.calls("acme") == 0
    assert browser.get(callback).headers["Location"] == "/connections"


@pytest.mark.parametrize("cookie", ["is gone", "is there still"])
def test_F40_after_half_an_hour_one_click_starts_again(bed: Bed, cookie: str) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme", next="/there"))
    bed.sandbox.reset_counters()
    if cookie == "is gone":  # as browsers do after ten minutes
        browser.http.cookies.clear()
    later = clock.now() + 1_800
    with clock.replaced(lambda: later):
        answer = browser.get(callback)

    assert answer.status_code == 400
    assert "too long" in answer.text
    reason = "missing" if cookie == "is gone" else "expired"
    assert [told["reason"] for told in bed.signals("flow_rejected")] == [reason]
    assert bed.calls("acme") == 0
    assert 'href="/login/acme">Start again' in answer.text
    assert 'action="/login/acme"' in browser.get("/login/acme").text
    assert browser.trip("/login/acme", next="/there").headers["Location"] == "/there"
    assert browser.who() == U1


TOO_LONG = [
    "/" + "a" * 9_000,
    "/there?" + "&".join(f"p{number}={number}" for number in range(400)),
    "/" + "%41" * 3_000,
    "/" + "é" * 9_000,
]


def test_F44_a_next_that_is_too_long_leads_to_the_default(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/plain")
    for next_url in TOO_LONG:
        for place in ("data", "params", "json"):
            browser = bed.browser()
            sent = {place: {"next": next_url}}
            start = browser.post("/login/plain", **sent)
            if place == "json":
                url = start.json()["response"]["authorization_url"]
            else:
                url = start.headers["Location"]

            answer = browser.get(browser.at_provider(url))

            assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
            assert browser.who() == U1
            assert sum(len(cookie.value or "") for cookie in browser.http.cookies) < 3_500
