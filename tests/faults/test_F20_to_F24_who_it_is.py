"""F20 to F24: no address, odd names, long tokens, a person who says no, or not to everything."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pytest

from flask_social import Grant
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.faults.visits import U1, UNEXPECTED, Visits

NOBODY = "nobody@example.org"


@pytest.fixture
def somewhere(plain: Visits) -> Visits:
    """By a provider of OAuth 2.0, on SQLite. tests/hostile has other databases."""
    return plain


@pytest.mark.parametrize("provider_id", ["plain", "acme"])
def test_F20_without_an_address_none_is_made_up(bed: Bed, provider_id: str) -> None:
    met: list[Grant] = []

    @bed.social.newcomer_handler
    def welcome_whoever_has_an_address(grant: Grant) -> Any:
        met.append(grant)
        if grant.identity.email is None:
            return None
        users = bed.app.extensions["security"].datastore
        return users.create_user(email=grant.identity.email, password=None)

    answers = {"plain": "api", "acme": "claims"}[provider_id]
    for email in ("left out", None, "", ["ada@example.com"], 7, "no address"):
        bed.sandbox[provider_id].honest()
        if email == "left out":
            bed.sandbox[provider_id].delete(answers, "email")
        else:
            bed.sandbox[provider_id].set(answers, email=email)
        browser = bed.browser()
        assert browser.trip(f"/login/{provider_id}").headers["Location"] == "/login"
        assert "No account here is connected" in browser.get("/login").text
        assert browser.who() is None
    assert [(each.identity.email, each.identity.email_verified) for each in met] == [
        (None, False)
    ] * 6
    assert bed.users() == []
    assert bed.rows() == []
    bed.sandbox[provider_id].honest()
    assert bed.browser().trip(f"/login/{provider_id}").headers["Location"] == "/home"
    assert bed.users() == ["ada@example.com"]


def test_F20_an_application_that_needs_none_gets_its_user_without(bed: Bed) -> None:
    @bed.social.newcomer_handler
    def welcome_everybody(grant: Grant) -> Any:
        users = bed.app.extensions["security"].datastore
        return users.create_user(email=NOBODY, password=None)

    bed.sandbox["plain"].delete("api", "email")
    browser = bed.browser()
    assert browser.trip("/login/plain").headers["Location"] == "/home"
    assert browser.who() == NOBODY
    [row] = bed.rows()
    assert (row.email, row.email_verified) == (None, False)


NAMES = {
    "😀 Ada 𐀀": "😀 Ada 𐀀",
    "عادة بنت نور": "عادة بنت نور",
    "A\u0301d\u0323a\u20dd": "A\u0301d\u0323a\u20dd",
    "Ada\x00 Love\x07lace\x7f": "Ada Lovelace",
    "\u202eecalevoL adA\u202c": "ecalevoL adA",
    "Ada\u2028Lovelace": "AdaLovelace",
    "x" * 10_000: "x" * 255,
    "😀" * 10_000: "😀" * 255,
    "Ada \ud800\udc00 \ud800": "Ada 𐀀",
    "<b>Ada</b> & \"'": "<b>Ada</b> & \"'",
    "'; DROP TABLE user; --": "'; DROP TABLE user; --",
    "{{ 7 * 7 }}%s%(name)s": "{{ 7 * 7 }}%s%(name)s",
}


def test_F21_names_of_all_kinds_are_kept_and_shown(somewhere: Visits) -> None:
    mine = somewhere.bed.browser().sign_in(U1)
    for sent, kept in NAMES.items():
        somewhere.provider.set("api", name=sent)
        somewhere.works()
        assert somewhere.row().full_name == kept
        page = mine.get("/connections")
        page.encoding = "utf-8"
        assert escape(kept).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page.text
    for none in ("\x00\x07", None, ["Ada"]):
        somewhere.provider.set("api", name=none)
        somewhere.works()
    somewhere.mended()


def stretched(visits: Visits, length: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What makes a token answer's tokens that long, and good all the same."""

    def stretch(honest: dict[str, Any]) -> dict[str, Any]:
        short = honest["access_token"]
        known = visits.provider.access_tokens
        known[short.ljust(length, "~")] = known.pop(short)
        return {
            **honest,
            "access_token": short.ljust(length, "~"),
            "refresh_token": "sbx_".ljust(length, "r"),
        }

    return stretch


def test_F22_long_tokens_are_kept_whole(somewhere: Visits) -> None:
    for length in (10_240, 61_440):
        somewhere.provider.change("token", stretched(somewhere, length))
        somewhere.works()
        row = somewhere.row()
        assert (len(row.access_token), row.refresh_token) == (length, "sbx_".ljust(length, "r"))
    somewhere.mended()


def test_F22_longer_ones_than_anybody_has_are_refused(plain: Visits) -> None:
    plain.provider.change("token", stretched(plain, 65_537))
    assert "longer than" in plain.fails(502, UNEXPECTED, "bad_answer").line
    plain.mended()


CANCELLED: list[tuple[str, dict[str, str], str]] = [
    ("facebook", {}, "error_reason=user_denied"),
    ("linkedin", {"error": "user_cancelled_login"}, "error=user_cancelled_login"),
    ("linkedin", {"error": "user_cancelled_authorize"}, "error=user_cancelled_authorize"),
    ("github", {}, "error=access_denied"),
    ("twitter", {}, "denied="),
    ("classic", {}, "oauth_problem=user_refused"),
    ("acme", {}, "error=access_denied"),
]
URLS = ("request_token_url", "authorize_url", "token_url", "api_url")


def test_F23_who_presses_cancel_is_told_so_where_they_came_from(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    keys = {"consumer_key": "any key", "consumer_secret": "any secret"}
    stock = {f"SOCIAL_{name}": keys for name in ("FACEBOOK", "LINKEDIN", "GITHUB", "TWITTER")}
    classic = dict.fromkeys(URLS, "https://a.test/") | {"identity": {"subject": "id"}}
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_CLASSIC={**keys, **classic}, **stock)
    box.deny()
    for provider_id, said, in_address in CANCELLED:
        bed.told.clear()
        box[provider_id].set("callback", **said)
        browser = bed.browser()
        callback = browser.at_provider(browser.set_out(f"/login/{provider_id}"))
        assert in_address in callback
        answer = browser.get(callback)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
        assert "You cancelled at " in browser.get("/login").text
        assert [name for name, _ in bed.told] == ["login_denied"]
        assert browser.get(callback).status_code == 400, "the flow was spent"
        assert bed.calls(provider_id) == bed.calls(provider_id, "access_token") == 0
    assert bed.users() == bed.rows() == []


def test_F23_and_gets_in_the_next_time(plain: Visits) -> None:
    before = plain.kept()
    plain.bed.sandbox.deny()
    plain.begin_anew()
    assert plain.bed.browser().trip("/login/plain").headers["Location"] == "/login"
    assert (plain.asked(), plain.kept()) == (0, before)
    plain.bed.sandbox.login_as("ada")
    plain.works()


GRANTED: dict[str, tuple[Any, str | None]] = {
    "ada": ("profile", "profile"),
    "grace": ("email profile friends", "email profile friends"),
    "alan": ("", None),
    "barbara": (7, None),
    "radia": ("left out", None),
}


def test_F24_what_was_granted_is_what_is_kept(bed: Bed) -> None:
    bed.add_user(U1)
    mine = bed.browser().sign_in(U1)
    for person, (scope, kept) in GRANTED.items():
        bed.sandbox.login_as(person)
        bed.sandbox["plain"].honest()
        if scope == "left out":
            bed.sandbox["plain"].delete("token", "scope")
        else:
            bed.sandbox["plain"].set("token", scope=scope)
        mine.trip("/connect/plain")
        assert bed.rows()[-1].scopes == kept
        browser = bed.browser()
        browser.trip("/login/plain")
        assert browser.who() == U1


@pytest.mark.parametrize("scope", ["profile,email", "profile, email", ["profile", "email"]])
def test_F24_scopes_are_read_however_they_are_joined(plain: Visits, scope: Any) -> None:
    plain.provider.set("token", scope=scope)
    plain.works()
    assert plain.row().scopes == "profile email"


def test_F24_less_than_was_asked_for_is_granted_and_seen(acme: Visits, box: ServedSandbox) -> None:
    box.login_as("ada", scopes=["openid"])
    acme.works()
    assert acme.row().scopes == "openid"
