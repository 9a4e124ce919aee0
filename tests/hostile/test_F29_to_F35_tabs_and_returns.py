"""F29 to F35: people click twice, keep many tabs, go back, and lose their cookies."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.bed import Bed, Browser

U1, U2 = "one@example.org", "two@example.org"
ADA = "ada"
MakeBed = Callable[..., Bed]


@pytest.fixture
def linked(bed: Bed) -> Bed:
    """U1 is connected to Ada's accounts at both providers."""
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    for provider_id in ("acme", "plain"):
        browser.trip(f"/connect/{provider_id}")
    bed.sandbox.reset_counters()
    bed.told.clear()
    return bed


def comes_in(browser: Browser, provider_id: str = "acme") -> bool:
    """Whether an ordinary login works in *browser*, whatever happened in it before."""
    browser.sign_out()
    return browser.trip(f"/login/{provider_id}").headers["Location"] == "/home"


def flows(browser: Browser) -> int:
    return sum("social-flow" in cookie.name for cookie in browser.http.cookies)


def leads_on_by_itself(page: str) -> bool:
    return "http-equiv" in page or "<script" in page


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_F29_a_duplicate_callback_of_a_login_leads_where_the_first_did(
    linked: Bed, provider_id: str
) -> None:
    browser = linked.browser()
    callback = browser.at_provider(browser.set_out(f"/login/{provider_id}", next="/there"))
    saved = browser.http.cookies.copy()
    before = [(row.access_token, row.version) for row in linked.rows()]
    first = browser.get(callback)
    after = [(row.access_token, row.version) for row in linked.rows()]
    reloaded = browser.get(callback)
    browser.http.cookies.update(saved)  # a scanner that has the address and the cookies
    scanned = browser.get(callback)

    assert [each.status_code for each in (first, reloaded, scanned)] == [303] * 3
    assert first.headers["Location"] == scanned.headers["Location"] == "/there"
    assert reloaded.headers["Location"] == "/home"
    assert before != after == [(row.access_token, row.version) for row in linked.rows()]
    assert linked.calls(provider_id) == len(linked.signals("login_completed")) == 1
    assert comes_in(browser, provider_id)


def test_F29_once_signed_out_the_duplicate_says_that_it_was_used(linked: Bed) -> None:
    browser = linked.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    browser.get(callback)
    browser.sign_out()

    answer = browser.get(callback)

    assert answer.status_code == 400
    assert "already used" in answer.text
    assert 'href="/login/acme"' in answer.text
    assert browser.who() is None
    assert linked.calls("acme") == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first first", "second first"])
def test_F30_of_a_double_click_on_log_in_one_flow_finishes(
    linked: Bed, order: tuple[int, int]
) -> None:
    browser = linked.browser()
    clicks = [browser.set_out("/login/acme", next="/there") for _ in range(2)]
    callbacks = [browser.at_provider(url) for url in clicks]
    assert flows(browser) == 2

    answers = [browser.get(callbacks[number]) for number in order]

    assert [each.status_code for each in answers] == [303, 303]
    assert [each.headers["Location"] for each in answers] == ["/there", "/there"]
    assert linked.calls("acme") == len(linked.signals("login_completed")) == 1
    assert flows(browser) <= 1
    assert browser.who() == U1
    assert comes_in(browser)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first first", "second first"])
def test_F30_a_double_click_on_connect_connects_once(bed: Bed, order: tuple[int, int]) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    clicks = [browser.set_out("/connect/acme") for _ in range(2)]
    callbacks = [browser.at_provider(url) for url in clicks]

    answers = [browser.get(callbacks[number]) for number in order]

    assert [each.headers["Location"] for each in answers] == ["/connections"] * 2
    assert [row[:2] for row in bed.accounts()] == [(U1, "acme")]
    assert [len(bed.signals(f"connection_{what}")) for what in ("created", "updated")] == [1, 1]
    assert flows(browser) == 0
    assert comes_in(browser)


def test_F32_each_of_two_tabs_ends_where_it_began(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    tabs = [("acme", "/tab-1"), ("plain", "/tab-2")]
    urls = [browser.set_out(f"/connect/{tab}", next=place) for tab, place in tabs]
    callbacks = [browser.at_provider(url) for url in urls]

    answers = [browser.get(callback) for callback in reversed(callbacks)]

    assert [each.headers["Location"] for each in answers] == ["/tab-2", "/tab-1"]
    assert sorted(row[:2] for row in bed.accounts()) == [(U1, "acme"), (U1, "plain")]


def test_F32_of_ten_tabs_the_latest_end_where_they_began_and_none_fails_hard(linked: Bed) -> None:
    # All flow cookies of a browser stay below 3,500 bytes, so that no server refuses its headers.
    browser = linked.browser()
    tabs = [f"/tab-{number}" for number in range(10)]
    callbacks = [browser.at_provider(browser.set_out("/login/acme", next=tab)) for tab in tabs]
    kept = flows(browser)
    assert 4 <= kept < 10

    oldest = browser.get(callbacks[0])
    latest = [browser.get(callback) for callback in callbacks[-kept:]]

    assert oldest.status_code == 400
    assert 'href="/login/acme"' in oldest.text
    assert [each.headers["Location"] for each in latest] == tabs[-kept:]
    assert len(linked.rows()) == 2
    assert linked.calls("acme") == 1
    assert comes_in(browser)


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_F33_back_to_the_provider_and_forward_again_asks_no_token_twice(
    linked: Bed, is_signed_in: bool
) -> None:
    browser = linked.browser()
    url = browser.set_out("/login/acme")
    browser.get(browser.at_provider(url))
    if not is_signed_in:
        browser.sign_out()
    rows = [(row.access_token, row.version) for row in linked.rows()]

    answer = browser.get(browser.at_provider(url))  # another code, the same state

    if is_signed_in:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    else:
        assert answer.status_code == 400
        assert "already used" in answer.text
    assert linked.calls("acme") == 1
    assert [(row.access_token, row.version) for row in linked.rows()] == rows
    assert comes_in(browser)


def test_F34_the_login_button_leads_on_where_somebody_is_signed_in_already(linked: Bed) -> None:
    browser = linked.browser()
    browser.trip("/login/acme")
    linked.sandbox.reset_counters()

    again = browser.post("/login/acme", data={"next": "/there"})

    assert (again.status_code, again.headers["Location"]) == (303, "/there")
    assert flows(browser) == 0
    assert linked.calls("acme", "authorize") == linked.calls("acme") == 0
    assert browser.who() == U1


def test_F34_a_login_that_returns_as_somebody_else_never_switches(linked: Bed) -> None:
    linked.add_user(U2)
    browser = linked.browser()
    callback = browser.at_provider(browser.set_out("/login/acme", next="/there"))  # that is U1's
    browser.sign_in(U2)

    answer = browser.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/there")
    assert browser.who() == U2
    assert linked.calls("acme") == 0
    assert linked.signals("login_completed") == []
    assert {row[0] for row in linked.accounts()} == {U1}
    assert comes_in(browser)


@pytest.mark.parametrize("action", ["login", "connect"])
def test_F35_without_cookies_the_answer_is_a_page_that_does_not_start_again_by_itself(
    linked: Bed, action: str
) -> None:
    browser = linked.browser()
    if action == "connect":
        browser.sign_in(U1)
    callback = browser.at_provider(browser.set_out(f"/{action}/acme"))
    browser.http.cookies.clear()

    answer = browser.get(callback)

    assert answer.status_code == 400
    assert "start again" in answer.text
    assert "Location" not in answer.headers
    assert "Refresh" not in answer.headers
    assert not leads_on_by_itself(answer.text)
    assert linked.calls("acme") == 0
    assert len(linked.rows()) == 2

    start = re.search(r'href="(/login/acme)">Start again', answer.text)
    assert start is not None
    page = browser.get(start[1])
    assert page.status_code == 200
    assert not leads_on_by_itself(page.text)
    assert linked.calls("acme", "authorize") == 1, "nothing set out by itself"
    assert comes_in(browser)
