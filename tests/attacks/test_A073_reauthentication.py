"""A073: nobody passes for somebody who has just confirmed who they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import session

from flask_social import clock
from tests.bed import Bed, Browser, query_of

U1, U2 = "one@example.org", "two@example.org"


@pytest.fixture
def stale(make_bed: Callable[..., Bed]) -> Bed:
    """U1 is connected to Ada's account, U2 to Grace's, and sessions are as old as ``/age`` says."""
    bed = make_bed()

    @bed.app.get("/age")
    def age() -> str:
        session["fs_paa"] = 1
        session.pop("fs_gexp", None)
        return ""

    @bed.app.get("/confirmed")
    def confirmed() -> dict[str, Any]:
        return {"at": session.get("fs_paa")}

    for email, person in ((U1, "ada"), (U2, "grace")):
        bed.add_user(email)
        bed.sandbox.login_as(person)
        bed.browser().sign_in(email).trip("/connect/acme")
    bed.told.clear()
    return bed


def aged(bed: Bed) -> Browser:
    """U1's browser, an hour later."""
    browser = bed.browser().sign_in(U1)
    browser.get("/age")
    return browser


def is_fresh(browser: Browser) -> bool:
    return bool(browser.get("/confirmed").json()["at"] != 1)


def unfresh(bed: Bed, browser: Browser) -> None:
    """Nothing came of it: not fresh, still U1, no row written, and connecting is still refused."""
    assert not is_fresh(browser)
    assert browser.who() == U1
    assert [row.version for row in bed.rows()] == [1, 1]
    assert browser.post("/connect/plain").headers["Location"].startswith("/verify")


ODD: list[Any] = ["now", None, True, [], 1e400]
COMING_BACK: dict[str, Any] = {
    "an account of nobody": {"person": "alan", "claims": {}},
    "an account of U2": {"person": "grace", "claims": {}},
    "the same e-mail": {"person": "alan", "claims": {"email": U1, "email_verified": True}},
    "the same name": {"person": "alan", "claims": {"name": "Ada Lovelace"}},
}


def test_A073_another_account_comes_back(stale: Bed) -> None:
    browser = aged(stale)
    for who, coming in COMING_BACK.items():
        stale.sandbox.login_as(coming["person"])
        for target in ("claims", "userinfo"):
            stale.sandbox["acme"].set(target, **coming["claims"])

        answer = browser.trip("/verify/acme")

        assert (answer.status_code, answer.headers["Location"]) == (303, "/connections"), who
        assert "another Acme account" in browser.get("/connections").text, who
    unfresh(stale, browser)


def test_A073_a_provider_that_did_not_ask_again(stale: Bed) -> None:
    browser = aged(stale)
    stale.sandbox.login_as("ada")
    acme = stale.sandbox["acme"]
    for ago in (-3_600, -600, 3_600):
        acme.set("claims", auth_time=clock.now() + ago)
        assert browser.trip("/verify/acme").status_code == 502, ago
    for odd in ODD:
        acme.set("claims", auth_time=odd)
        assert browser.trip("/verify/acme").status_code == 502, odd
    acme.delete("claims", "auth_time")
    assert browser.trip("/verify/acme").status_code == 502
    unfresh(stale, browser)


def test_A073_the_provider_is_asked_to_ask_again_and_then_it_counts(stale: Bed) -> None:
    browser = aged(stale)
    stale.sandbox.login_as("ada")
    url = browser.set_out("/verify/acme")
    assert {**query_of(url), "prompt": "login", "max_age": "0"} == query_of(url)
    browser.get(browser.at_provider(url))
    assert is_fresh(browser)


def test_A073_only_the_user_who_set_out(stale: Bed) -> None:
    browser = aged(stale)
    stale.sandbox.login_as("ada")
    callback = browser.at_provider(browser.set_out("/verify/acme"))
    browser.sign_out()
    browser.sign_in(U2)
    browser.get("/age")

    assert browser.get(callback).status_code == 400

    assert not is_fresh(browser)
    assert browser.who() == U2
