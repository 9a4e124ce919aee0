"""Who may end which flow: attacks on state, browser binding and purpose."""

from __future__ import annotations

import re

import pytest

from flask_social import clock
from tests.bed import Bed, Browser, query_of

U1, U2 = "one@example.org", "two@example.org"
REJECTED = 400


def callback_of(browser: Browser, path: str) -> str:
    """Set out and say yes, but do not come back yet: the callback's address."""
    return browser.at_provider(browser.set_out(path))


def test_A003_login_csrf_with_a_foreign_code(bed: Bed) -> None:
    attacker, victim = bed.browser(), bed.browser()
    callback = callback_of(attacker, "/login/acme")

    answer = victim.get(callback)

    assert answer.status_code == REJECTED
    assert "start again" in answer.text
    assert victim.who() is None
    assert bed.calls("acme") == 0


def test_A004_a_foreign_code_while_the_victim_has_a_flow_too(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.sandbox.reset_counters()
    attacker, victim = bed.browser(), bed.browser()
    foreign, own = callback_of(attacker, "/login/acme"), callback_of(victim, "/login/acme")

    answer = victim.get(foreign)

    assert answer.status_code == REJECTED
    assert bed.calls("acme") == 0
    assert victim.who() is None
    assert victim.get(own).headers["Location"] == "/home"
    assert victim.who() == U1


@pytest.mark.parametrize(
    "state",
    ["no state", "empty state", "another provider's callback", "as oauth_token", "as denied"],
)
def test_A005_missing_or_foreign_state(bed: Bed, state: str) -> None:
    browser = bed.browser()
    callback = callback_of(browser, "/login/acme")
    query = query_of(callback)
    code = query["code"]
    forged = {
        "no state": f"/login/acme?code={code}",
        "empty state": f"/login/acme?code={code}&state=",
        "another provider's callback": f"/login/plain?code={code}&state={query['state']}",
        "as oauth_token": callback.replace("state=", "oauth_token="),
        "as denied": callback.replace("state=", "denied="),
    }[state]

    answer = browser.get(forged)

    assert answer.status_code == REJECTED
    assert bed.calls("acme") == bed.calls("plain") == 0
    assert browser.get(callback).status_code == 303, "the flow is usable still"
    assert bed.calls("acme") == 1


def test_A006_purpose_confusion(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser()
    login = callback_of(browser, "/login/acme")
    browser.sign_in(U1)
    browser.trip("/connect/acme")
    connect, verify = callback_of(browser, "/connect/acme"), callback_of(browser, "/verify/acme")
    rows, fresh = [row.version for row in bed.rows()], freshness(browser, bed)
    bed.sandbox.reset_counters()

    for callback, wrong in ((login, "connect"), (connect, "login"), (verify, "login")):
        forged = re.sub(r"/(login|connect)/", f"/{wrong}/", callback, count=1)
        assert forged != callback
        assert browser.get(forged).status_code == REJECTED

    assert bed.calls("acme") == 0
    assert [row.version for row in bed.rows()] == rows
    assert freshness(browser, bed) == fresh
    # Verify comes home to the connect callback (docs/decisions/0004): it verifies, nothing else.
    later = clock.now() + 10
    with clock.replaced(lambda: later):
        assert browser.get(verify).headers["Location"] == "/connections"
    assert [row.version for row in bed.rows()] == rows
    assert fresh < freshness(browser, bed) == later


def freshness(browser: Browser, bed: Bed) -> float:
    """When the session last saw a proof of who it is."""
    serializer = bed.app.session_interface.get_signing_serializer(bed.app)  # type: ignore[attr-defined]
    session = serializer.loads(browser.http.cookies.get_dict()["session"])
    return float(session["fs_paa"])


def test_A007_cross_user_connect(bed: Bed) -> None:
    bed.add_user(U1)
    bed.add_user(U2)
    browser = bed.browser().sign_in(U1)
    callback = callback_of(browser, "/connect/acme")
    browser.sign_out()
    browser.sign_in(U2)

    answer = browser.get(callback)

    assert answer.status_code == REJECTED
    assert bed.rows() == []
    assert browser.who() == U2
    assert bed.calls("acme") == 0


def test_A008_connect_callback_without_a_login(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    callback = callback_of(browser, "/connect/acme")
    browser.sign_out()

    answer = browser.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "start again" in browser.get("/login").text
    assert browser.who() is None
    assert (bed.rows(), bed.users(), bed.calls("acme")) == ([], [U1], 0)


def test_A009_sequential_double_callback_of_a_login(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.sandbox.reset_counters()
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme", next="/there"))
    before = browser.http.cookies.copy()

    first = browser.get(callback)
    second = browser.get(callback)
    browser.http.cookies.update(before)
    doubled = browser.get(callback)  # the doubled request left before the first was answered

    assert [each.status_code for each in (first, second, doubled)] == [303, 303, 303]
    assert first.headers["Location"] == doubled.headers["Location"] == "/there"
    assert second.headers["Location"] == "/home", "where its cookie is gone, home"
    assert browser.who() == U1
    assert bed.calls("acme") == 1
    assert len(bed.signals("login_completed")) == 1


def test_A009_double_callback_of_somebody_who_is_not_signed_in(bed: Bed) -> None:
    browser = bed.browser()
    callback = callback_of(browser, "/login/acme")
    browser.get(callback)

    answer = browser.get(callback)

    assert answer.status_code == REJECTED
    assert "already used" in answer.text
    assert bed.calls("acme") == 1


def test_A009_double_callback_of_a_connect(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    callback = callback_of(browser, "/connect/acme")

    first, second = browser.get(callback), browser.get(callback)

    assert first.headers["Location"] == second.headers["Location"] == "/connections"
    assert len(bed.rows()) == 1
    assert bed.calls("acme") == 1


def test_A010_replay_with_a_restored_cookie_jar(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    browser = bed.browser()
    callback = callback_of(browser, "/login/acme")
    saved = browser.http.cookies.copy()
    browser.get(callback)
    browser.sign_out()
    bed.sandbox.reset_counters()

    browser.http.cookies.update(saved)
    answer = browser.get(callback)

    assert answer.status_code == REJECTED
    assert browser.who() is None
    assert bed.calls("acme") == 0


def test_A010_nor_where_a_worker_whose_clock_is_ahead_has_purged_the_ledger(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    started = clock.now()
    with clock.replaced(lambda: started):
        browser = bed.browser()
        callback = callback_of(browser, "/login/acme")
        saved = browser.http.cookies.copy()
        browser.get(callback)
        browser.sign_out()
    with clock.replaced(lambda: started + 660):  # the lifetime, and the skew that is allowed
        bed.browser().trip("/login/acme")  # spending purges
    bed.sandbox.reset_counters()

    browser.http.cookies.update(saved)
    with clock.replaced(lambda: started + 600):  # the last second of the flow
        answer = browser.get(callback)

    assert answer.status_code == REJECTED
    assert "already used" in answer.text
    assert bed.calls("acme") == 0
