"""Every documented key does what the documentation of 1.6 says: each test fails without its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import current_app, session, url_for
from flask_security import current_user

from flask_social.sandbox import Client
from tests.bed import PASSWORD, Bed, Browser, query_of
from tests.documented.told import flashes_of, with_flashes

EMAIL = "user@example.org"
MakeBed = Callable[..., Bed]


def member(bed: Bed) -> Browser:
    """Somebody who is signed in."""
    bed.add_user(EMAIL)
    return bed.browser().sign_in(EMAIL)


# The seven of the chapter "Configuration Values".


def test_SOCIAL_URL_PREFIX_stands_before_every_route(make_bed: MakeBed) -> None:
    bed = make_bed(SOCIAL_URL_PREFIX="/social")
    browser = member(bed)
    assert browser.post("/connect/plain").status_code == 404

    url = browser.set_out("/social/connect/plain")
    callback = browser.at_provider(url)

    assert callback.startswith(f"{bed.url}/social/connect/plain?")
    assert browser.get(callback).headers["Location"] == "/social/connections"
    stranger = bed.browser()
    stranger.trip("/social/login/plain")
    assert stranger.who() == EMAIL


def test_SOCIAL_APP_URL_is_where_the_provider_leads_back_to(make_bed: MakeBed) -> None:
    bed = make_bed(SOCIAL_APP_URL="https://shop.example.com")
    bed.sandbox["plain"].register_client(
        Client(id="plain key", redirect_uris=("https://shop.example.com/login/plain",))
    )
    browser = bed.browser()

    url = browser.set_out("/login/plain")

    assert query_of(url)["redirect_uri"] == "https://shop.example.com/login/plain"
    assert browser.at_provider(url).startswith("https://shop.example.com/login/plain?code=")


def test_SOCIAL_CONNECT_ALLOW_REDIRECT_is_where_a_connected_user_goes(make_bed: MakeBed) -> None:
    bed = make_bed(SOCIAL_CONNECT_ALLOW_REDIRECT="/profile")
    assert member(bed).trip("/connect/plain").headers["Location"] == "/profile"
    assert len(bed.rows()) == 1


def test_SOCIAL_CONNECT_DENY_REDIRECT_is_where_a_user_goes_who_denies(make_bed: MakeBed) -> None:
    bed = make_bed(SOCIAL_CONNECT_DENY_REDIRECT="/pity")
    bed.sandbox.deny()
    assert member(bed).trip("/connect/plain").headers["Location"] == "/pity"
    assert bed.rows() == []


def test_SOCIAL_FLASH_MESSAGES_False_flashes_nothing(make_bed: MakeBed) -> None:
    told = {}
    for wanted in (True, False):
        bed = with_flashes(make_bed(SOCIAL_FLASH_MESSAGES=wanted))
        browser = member(bed)
        browser.trip("/connect/plain")
        bed.sandbox.deny()
        browser.trip("/connect/plain")
        told[wanted] = [category for category, _ in flashes_of(browser)]
        bed.sandbox.login_as("ada")
    assert told == {True: ["success", "error"], False: []}


def test_SOCIAL_POST_OAUTH_CONNECT_SESSION_KEY_names_where_the_redirect_is(
    make_bed: MakeBed,
) -> None:
    bed = keeping_redirects(make_bed(SOCIAL_POST_OAUTH_CONNECT_SESSION_KEY="afterwards"))
    browser = member(bed)
    for name, landed in (
        ("afterwards", "/by-afterwards"),
        ("nothing", "/connections"),
        ("post_oauth_connect_url", "/connections"),
    ):
        browser.get(f"/remember/{name}")
        assert browser.trip("/connect/plain").headers["Location"] == landed


def test_SOCIAL_POST_OAUTH_LOGIN_SESSION_KEY_names_where_the_redirect_is(
    make_bed: MakeBed,
) -> None:
    bed = keeping_redirects(make_bed(SOCIAL_POST_OAUTH_LOGIN_SESSION_KEY="afterwards"))
    member(bed).trip("/connect/plain")
    browser = bed.browser()
    for name, landed in (
        ("afterwards", "/by-afterwards"),
        ("nothing", "/home"),
        ("post_oauth_login_url", "/home"),
    ):
        browser.get(f"/remember/{name}")
        assert browser.trip("/login/plain").headers["Location"] == landed
        browser.sign_out()


def test_both_session_keys_have_their_documented_names_by_default(bed: Bed) -> None:
    browser = member(keeping_redirects(bed))
    browser.get("/remember/post_oauth_connect_url")
    assert browser.trip("/connect/plain").headers["Location"] == "/by-post_oauth_connect_url"
    browser.sign_out()
    browser.get("/remember/post_oauth_login_url")
    assert browser.trip("/login/plain").headers["Location"] == "/by-post_oauth_login_url"


def keeping_redirects(bed: Bed) -> Bed:
    """*bed* with a page that puts a redirect into the session under a name."""

    @bed.app.get("/remember/<name>")
    def remember(name: str) -> str:
        session[name] = f"/by-{name}"
        return ""

    return bed


# The names that 1.6 read in their place, and what else it read.


@pytest.mark.parametrize(
    ("keys", "landed"),
    [
        ({"SOCIAL_CONNECT_ALLOW_VIEW": "/view"}, "/view"),
        ({"SOCIAL_CONNECT_ALLOW_VIEW": "whoami"}, "/whoami"),
        ({"SOCIAL_CONNECT_ALLOW_REDIRECT": "whoami"}, "/whoami"),
        (
            {"SOCIAL_CONNECT_ALLOW_VIEW": "/view", "SOCIAL_CONNECT_ALLOW_REDIRECT": "/documented"},
            "/documented",
        ),
    ],
)
def test_the_page_after_connecting_by_either_name_and_the_documented_first(
    make_bed: MakeBed, keys: dict[str, str], landed: str
) -> None:
    assert member(make_bed(**keys)).trip("/connect/plain").headers["Location"] == landed


@pytest.mark.parametrize(
    ("keys", "landed"),
    [
        ({"SOCIAL_CONNECT_DENY_VIEW": "/view"}, "/view"),
        ({"SOCIAL_CONNECT_DENY_VIEW": "whoami"}, "/whoami"),
        ({"SOCIAL_CONNECT_DENY_REDIRECT": "whoami"}, "/whoami"),
        (
            {"SOCIAL_CONNECT_DENY_VIEW": "/view", "SOCIAL_CONNECT_DENY_REDIRECT": "/documented"},
            "/documented",
        ),
    ],
)
def test_the_page_after_denying_by_either_name_and_the_documented_first(
    make_bed: MakeBed, keys: dict[str, str], landed: str
) -> None:
    bed = make_bed(**keys)
    bed.sandbox.deny()
    assert member(bed).trip("/connect/plain").headers["Location"] == landed


def test_SOCIAL_BLUEPRINT_NAME_is_what_endpoints_begin_with(make_bed: MakeBed) -> None:
    bed = make_bed(SOCIAL_BLUEPRINT_NAME="flask_social")

    @bed.app.get("/button")
    def button() -> str:
        return url_for("flask_social.connect", provider_id="plain")

    browser = member(bed)
    answer = browser.trip(browser.get("/button").text)
    assert answer.headers["Location"] == "/connections"
    assert "Plain" in browser.get("/connections").text
    assert {name.partition(".")[0] for name in bed.app.view_functions} == {
        "flask_social",
        "security",
        "static",
        "button",
        "home",
        "whoami",
    }


def test_SOCIAL_CONNECTION_DATASTORE_names_the_application_s_attribute(make_bed: MakeBed) -> None:
    bed = make_bed(SOCIAL_CONNECTION_DATASTORE="links")

    @bed.app.get("/links")
    def links() -> list[str]:
        store: Any = current_app.links  # type: ignore[attr-defined]
        return [each.provider_id for each in store.find_connections(user_id=current_user.id)]

    browser = member(bed)
    browser.trip("/connect/plain")
    assert browser.get("/links").json() == ["plain"]


# The key of the documented example.


def after_login(bed: Bed) -> set[str]:
    """Where a password login leads to, and where one with a provider does."""
    bed.add_user(EMAIL)
    browser = bed.browser()
    by_password = browser.post("/login", data={"email": EMAIL, "password": PASSWORD})
    assert by_password.status_code == 302, by_password.text
    browser.trip("/connect/plain")
    return {
        by_password.headers["Location"],
        bed.browser().trip("/login/plain").headers["Location"],
    }


def test_SECURITY_POST_LOGIN_is_where_every_login_leads(make_bed: MakeBed) -> None:
    bed = make_bed(SECURITY_POST_LOGIN="/profile", SECURITY_POST_LOGIN_VIEW="/")
    assert after_login(bed) == {"/profile"}


def test_SECURITY_POST_LOGIN_VIEW_comes_before_it(make_bed: MakeBed) -> None:
    bed = make_bed(SECURITY_POST_LOGIN="/profile", SECURITY_POST_LOGIN_VIEW="/view")
    assert after_login(bed) == {"/view"}


def test_without_either_a_login_leads_to_the_root(make_bed: MakeBed) -> None:
    assert after_login(make_bed(SECURITY_POST_LOGIN_VIEW="/")) == {"/"}
