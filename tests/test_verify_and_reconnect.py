"""Re-authentication by a provider, new consent, and freshness of the session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import session

from flask_social import clock
from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser, query_of

U1, U2 = "one@example.org", "two@example.org"
STALE = {"SECURITY_FRESHNESS": timedelta(minutes=5), "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta()}


def aged(bed: Bed, browser: Browser) -> None:
    """Let an hour pass for the session of *browser*."""
    browser.get("/age")
    assert browser.get("/fs_paa").json()["fs_paa"] == 1


@pytest.fixture
def aging(make_bed: Callable[..., Bed]) -> Bed:
    """Sessions here can be made old, and U1 is connected to ``acme`` and ``plain``."""
    bed = make_bed(**STALE)

    @bed.app.get("/age")
    def age() -> str:
        session["fs_paa"] = 1
        session.pop("fs_gexp", None)
        return ""

    @bed.app.get("/fs_paa")
    def fs_paa() -> dict[str, Any]:
        return {"fs_paa": session.get("fs_paa")}

    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    browser.trip("/connect/acme")
    browser.trip("/connect/plain")
    bed.sandbox.reset_counters()
    bed.told.clear()
    return bed


def fresh(browser: Browser) -> bool:
    return float(browser.get("/fs_paa").json()["fs_paa"]) > 1


def test_verify_makes_a_stale_session_fresh(aging: Bed) -> None:
    browser = aging.browser().sign_in(U1)
    aged(aging, browser)

    url = browser.set_out("/verify/acme", next="/after")
    asked = query_of(url)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    answer = browser.get(browser.at_provider(url))

    assert answer.headers["Location"] == "/after"
    assert fresh(browser)
    assert len(aging.rows()) == 2


@pytest.mark.parametrize("auth_time", ["old", "missing", "text"])
def test_A073_an_auth_time_that_proves_nothing(aging: Bed, auth_time: str) -> None:
    browser = aging.browser().sign_in(U1)
    aged(aging, browser)
    acme = aging.sandbox["acme"]
    if auth_time == "missing":
        acme.delete("claims", "auth_time")
    else:
        acme.set("claims", auth_time=clock.now() - 3600 if auth_time == "old" else "now")

    answer = browser.trip("/verify/acme")

    assert answer.status_code == 502
    assert not fresh(browser)


@pytest.mark.parametrize("linked_to", [None, U2])
def test_A073_another_account_does_not_verify(aging: Bed, linked_to: str | None) -> None:
    aging.sandbox.login_as("grace")
    if linked_to:
        aging.add_user(U2)
        aging.browser().sign_in(U2).trip("/connect/acme")
    browser = aging.browser().sign_in(U1)
    aged(aging, browser)

    answer = browser.trip("/verify/acme")

    assert answer.status_code == 303
    assert "another Acme account" in browser.get("/connections").text
    assert not fresh(browser)


def test_a_provider_that_cannot_prove_it_does_not_verify(aging: Bed) -> None:
    browser = aging.browser().sign_in(U1)
    answer = browser.post("/verify/plain")
    assert answer.status_code == 403
    assert "Sign out and in again" in answer.text
    answer = browser.post("/verify/plain", headers={"Accept": "application/json"})
    assert answer.json()["response"]["code"] == "cannot_verify"


def test_verify_needs_a_connection(aging: Bed) -> None:
    aging.add_user(U2)
    browser = aging.browser().sign_in(U2)
    assert browser.post("/verify/acme").status_code == 404
    assert browser.post("/reconnect/acme").status_code == 404


def test_connect_and_disconnect_want_a_fresh_session(aging: Bed) -> None:
    browser = aging.browser().sign_in(U1)
    aged(aging, browser)
    subject = aging.rows()[0].provider_user_id
    for send in (
        lambda: browser.post("/connect/acme"),
        lambda: browser.post(f"/connect/acme/{subject}"),
        lambda: browser.post("/disconnect/acme"),
        lambda: browser.delete("/connect/acme"),
    ):
        answer = send()
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/verify?next=")
    assert len(aging.rows()) == 2
    # From the verify page the browser comes back by GET: a page, never a 405.
    assert browser.get("/connect/acme").status_code == 200
    assert browser.get("/disconnect/acme").headers["Location"] == "/connections"


def test_a_stale_json_client_gets_a_401(aging: Bed) -> None:
    browser = aging.browser().sign_in(U1)
    aged(aging, browser)
    answer = browser.post("/connect/acme", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["response"]["reauth_required"] is True


def test_without_a_password_the_password_page_is_not_where_one_is_sent(aging: Bed) -> None:
    browser = aging.browser()
    browser.trip("/login/acme")
    aging.change_user(U1, password=None)
    aged(aging, browser)

    answer = browser.post("/connect/plain")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    page = browser.get("/connections").text
    assert "confirm first that it is you" in page
    assert "/verify/acme" in page
    browser.trip("/verify/acme")
    assert browser.post("/connect/plain").headers["Location"].startswith(aging.sandbox.url)


def test_reconnect_renews_the_tokens_of_the_user_who_stays(aging: Bed) -> None:
    browser = aging.browser().sign_in(U1)
    before = aging.rows()[0]

    answer = browser.trip("/reconnect/acme", next="/after")

    assert answer.headers["Location"] == "/after"
    after = aging.rows()[0]
    assert after.access_token != before.access_token
    assert [told["email"] for told in aging.signals("connection_updated")] == [U1]
    assert browser.who() == U1


def test_reconnect_with_another_account_is_refused(aging: Bed) -> None:
    browser = aging.browser().sign_in(U1)
    before = [row.access_token for row in aging.rows()]
    aging.sandbox.login_as("grace")

    browser.trip("/reconnect/acme")

    assert [row.access_token for row in aging.rows()] == before
    assert "another Acme account" in browser.get("/connections").text


def test_reconnect_can_ask_for_one_of_several_accounts(aging: Bed) -> None:
    browser = aging.browser().sign_in(U1)
    ada = aging.rows()[0]
    aging.sandbox.login_as("grace")
    browser.trip("/connect/acme")
    assert len(aging.rows()) == 3

    browser.trip("/reconnect/acme", provider_user_id=ada.provider_user_id)  # Grace comes back

    assert aging.rows()[0].access_token == ada.access_token
    assert "another Acme account" in browser.get("/connections").text


def test_a_refresh_token_is_asked_for_when_connecting_alone(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    google = {"consumer_key": "k", "consumer_secret": "s"}
    bed = make_bed(SOCIAL_GOOGLE=google, SOCIAL_SANDBOX=box.url)
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    assert query_of(browser.set_out("/connect/google"))["access_type"] == "offline"
    assert "access_type" not in query_of(bed.browser().set_out("/login/google"))
    browser.trip("/connect/google")
    [connected] = bed.rows()
    assert connected.refresh_token
    bed.browser().trip("/login/google")
    [logged_in] = bed.rows()
    assert logged_in.refresh_token == connected.refresh_token, "a login brings none and keeps it"
    assert logged_in.access_token != connected.access_token
