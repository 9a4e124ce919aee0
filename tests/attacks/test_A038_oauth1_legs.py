"""A038: the three legs of OAuth 1.0a belong to one browser, and are walked once."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
import requests

from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser, query_of

U1, U2 = "one@example.org", "two@example.org"
PROVIDERS = ("classic", "twitter")
REJECTED = 400
"""No flow of this browser; what a provider is to blame for is answered 502."""


@pytest.fixture
def legs(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    """An application where U1 has an account at a provider from configuration and at X."""
    common = {
        each: {
            "consumer_key": f"{each} key",
            "consumer_secret": f"{each} secret",
            "request_token_url": f"{box.url}{each}/request_token",
            "authorize_url": f"{box.url}{each}/authorize",
            "access_token_url": f"{box.url}{each}/access_token",
            "base_url": f"{box.url}{each}/api/",
        }
        for each in PROVIDERS
    }
    known = {"profile_call": "me", "identity": {"subject": "id", "name": "name"}}
    bed = make_bed(SOCIAL_CLASSIC=common["classic"] | known, SOCIAL_TWITTER=common["twitter"])
    bed.add_user(U1)
    for each in PROVIDERS:
        assert bed.browser().sign_in(U1).trip(f"/connect/{each}").status_code == 303
    assert len(bed.rows()) == 2
    bed.sandbox.reset_counters()
    bed.told.clear()
    return bed


def callback_of(browser: Browser, path: str) -> str:
    """Set out and say yes, but do not come back yet: the callback's address."""
    return browser.at_provider(browser.set_out(path))


def returned(browser: Browser, path: str, **params: str) -> requests.Response:
    return browser.get(f"{path}?{urlencode(params)}")


def nothing_came_of_it(bed: Bed, browser: Browser, exchanges: int = 0) -> None:
    """Nobody is signed in or told so, nothing is stored, and no more was asked than said."""
    assert browser.who() is None
    assert bed.users() == [U1]
    assert [row.version for row in bed.rows()] == [1, 1]
    assert not bed.signals("login_completed") + bed.signals("connection_updated")
    assert sum(bed.calls(each, "access_token") for each in PROVIDERS) == exchanges
    assert not bed.raised


@pytest.mark.parametrize("provider", PROVIDERS)
def test_A038_a_request_token_of_another_browser(legs: Bed, provider: str) -> None:
    attacker, victim = legs.browser(), legs.browser()
    foreign = callback_of(attacker, f"/login/{provider}")
    own = callback_of(victim, f"/login/{provider}")

    for browser in (legs.browser(), victim):
        answer = browser.get(foreign)

        assert answer.status_code == REJECTED
        assert "start again" in answer.text
        nothing_came_of_it(legs, browser)

    assert victim.get(own).headers["Location"] == "/home", "its own flow is usable still"
    assert attacker.get(foreign).headers["Location"] == "/home"
    assert victim.who() == attacker.who() == U1


def test_A038_a_connection_to_somebody_elses_account(legs: Bed) -> None:
    legs.add_user(U2)
    attacker, victim = legs.browser().sign_in(U1), legs.browser().sign_in(U2)
    foreign = callback_of(attacker, "/connect/classic")
    query = query_of(foreign)

    for path in ("/connect/classic", "/login/classic", "/connect/twitter"):
        assert returned(victim, path, **query).status_code == REJECTED
    for path in ("/login/classic", "/connect/twitter"):
        assert returned(attacker, path, **query).status_code == REJECTED

    assert [email for email, *_ in legs.accounts()] == [U1, U1]
    assert legs.calls("classic", "access_token") == 0


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("token", ["never-issued", "", "\x00", "ü" * 600])
def test_A038_a_token_that_nobody_knows(legs: Bed, provider: str, token: str) -> None:
    browser = legs.browser()
    verifier = query_of(callback_of(browser, f"/login/{provider}"))["oauth_verifier"]

    answer = returned(browser, f"/login/{provider}", oauth_token=token, oauth_verifier=verifier)

    assert answer.status_code == REJECTED
    nothing_came_of_it(legs, browser)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("verifier", [{}, {"oauth_verifier": ""}])
def test_A038_no_verifier(legs: Bed, provider: str, verifier: dict[str, str]) -> None:
    browser = legs.browser()
    query = query_of(callback_of(browser, f"/login/{provider}"))

    answer = returned(
        browser, f"/login/{provider}", **{"oauth_token": query["oauth_token"], **verifier}
    )

    assert answer.status_code == 502
    nothing_came_of_it(legs, browser)
    assert returned(browser, f"/login/{provider}", **query).status_code == REJECTED
    nothing_came_of_it(legs, browser)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("whose", ["another browser's", "another tab's"])
def test_A038_the_verifier_of_another_token(legs: Bed, provider: str, whose: str) -> None:
    browser = legs.browser()
    other = browser if whose == "another tab's" else legs.browser()
    first, second = (query_of(callback_of(each, f"/login/{provider}")) for each in (browser, other))
    assert first["oauth_verifier"] != second["oauth_verifier"]

    swapped = {**first, "oauth_verifier": second["oauth_verifier"]}
    answer = returned(browser, f"/login/{provider}", **swapped)

    assert answer.status_code == 502
    nothing_came_of_it(legs, browser, exchanges=1)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_A038_temporary_credentials_are_used_once(legs: Bed, provider: str) -> None:
    browser = legs.browser()
    callback = callback_of(browser, f"/login/{provider}")
    saved = browser.http.cookies.copy()
    assert browser.get(callback).headers["Location"] == "/home"
    browser.sign_out()
    versions = [row.version for row in legs.rows()]

    for again in ("as it is", "with the cookies of before"):
        if again != "as it is":
            browser.http.cookies.update(saved)
        answer = browser.get(callback)

        assert answer.status_code == REJECTED
        assert "already used" in answer.text
        assert browser.who() is None
    assert legs.calls(provider, "access_token") == 1
    assert [row.version for row in legs.rows()] == versions
    assert len(legs.signals("login_completed")) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("given", ["oauth_token", "nothing"])
def test_A038_a_state_that_names_the_flow_beside_another_token(
    legs: Bed, provider: str, given: str
) -> None:
    attacker, victim = legs.browser(), legs.browser()
    foreign = query_of(callback_of(attacker, f"/login/{provider}"))
    own = query_of(callback_of(victim, f"/login/{provider}"))["oauth_token"]
    if given == "nothing":
        del foreign["oauth_token"]

    answer = returned(victim, f"/login/{provider}", **foreign, state=own)

    assert answer.status_code == 502
    nothing_came_of_it(legs, victim)


def test_A038_the_key_of_a_flow_at_another_provider(legs: Bed) -> None:
    browser = legs.browser()
    classic = query_of(callback_of(browser, "/login/classic"))
    acme = query_of(callback_of(browser, "/login/acme"))

    for path, query in (
        ("/login/twitter", classic),
        ("/login/acme", {**acme, "state": classic["oauth_token"]}),
        ("/login/classic", {**classic, "oauth_token": acme["state"]}),
        ("/login/classic", {**classic, "state": acme["state"]}),
    ):
        assert returned(browser, path, **query).status_code == REJECTED

    nothing_came_of_it(legs, browser)
    assert legs.calls("acme") == 0
    assert returned(browser, "/login/classic", **classic).headers["Location"] == "/home"


def test_A038_a_token_that_is_there_twice(legs: Bed) -> None:
    browser = legs.browser()
    callback = callback_of(browser, "/login/classic")

    assert browser.get(f"{callback}&oauth_token=another").status_code == REJECTED
    nothing_came_of_it(legs, browser)
    assert browser.get(callback).headers["Location"] == "/home", "the flow is usable still"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("confirmed", [None, "false"])
def test_A038_a_provider_that_does_not_confirm_the_callback(
    legs: Bed, provider: str, confirmed: str | None
) -> None:
    """It may be of OAuth 1.0 before the revision, whose callback anybody can choose."""
    if confirmed is None:
        legs.sandbox[provider].delete("request_token", "oauth_callback_confirmed")
    else:
        legs.sandbox[provider].set("request_token", oauth_callback_confirmed=confirmed)
    browser = legs.browser()

    answer = browser.post(f"/login/{provider}")

    assert answer.status_code == 502
    assert "Location" not in answer.headers
    assert not [name for name in browser.http.cookies.get_dict() if "social" in name]
    nothing_came_of_it(legs, browser)
