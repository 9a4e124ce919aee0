"""A027: whatever happens, no secret is in a log, a warning, an exception's text or on stderr.

All loggers are at DEBUG here, those of urllib3, requests, oauthlib and tweepy too. Access logs, SQL
echo and debuggers are the operator's (see the threat model).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import trustme

from flask_social.sandbox import (
    Hang,
)
from flask_social.testing import ServedSandbox
from tests.attacks.leaks import Watched, keys
from tests.faulty import Faulty, server_tls

PROVIDERS = ("acme", "plain", "classic", "twitter", "facebook", "foursquare")
GRANTED = {
    "acme": ("code", "state", "nonce", "code_verifier", "access token", "id token"),
    "plain": ("code", "state", "code_verifier", "access token", "refresh token"),
    "classic": ("oauth_token", "request secret", "oauth_verifier", "token secret"),
    "twitter": ("oauth_token", "request secret", "oauth_verifier", "token secret"),
    "facebook": ("code", "state", "code_verifier", "access token"),
    "foursquare": ("code", "state", "code_verifier", "access token"),
}


@pytest.mark.parametrize("provider_id", PROVIDERS)
def test_A027_the_whole_life_of_a_connection(watched: Watched, provider_id: str) -> None:
    watched.log_in(provider_id)  # by an account that nobody connected
    browser = watched.connected(provider_id)
    browser.trip(f"/connect/{provider_id}")  # the same once more
    watched.log_in(provider_id)
    browser.trip(f"/reconnect/{provider_id}")
    if provider_id == "acme":
        browser.trip("/verify/acme")
    browser.post(f"/disconnect/{provider_id}")

    told = [name for name, _ in watched.bed.told]
    expected = ["login_failed", "connection_created", "connection_failed", "connection_updated"]
    assert told == [*expected, "login_completed", "connection_updated", "connection_removed"]
    watched.knows(*GRANTED[provider_id])


def test_A027_a_provider_that_keeps_silent(watch: Callable[..., Watched]) -> None:
    watched = watch(SOCIAL_CALL_TIMEOUT=0.3)
    watched.bed.sandbox["plain"].fail("token", Hang())
    watched.log_in("plain", said=504)
    watched.knows("code", "state", "cookie")


def test_A027_a_provider_whose_certificate_nobody_knows(
    watch: Callable[..., Watched], box: ServedSandbox
) -> None:
    with Faulty(lambda exchange: exchange.reply(b"{}"), server_tls(trustme.CA())) as server:
        plain = {
            **keys("plain"),
            "authorize_url": f"{box.url}plain/authorize",
            "token_url": f"{server.url}/token",
            "api_url": f"{server.url}/api/",
            "profile_call": "me",
            "identity": {"subject": "id"},
        }
        watched = watch(SOCIAL_SANDBOX=None, SOCIAL_PLAIN=plain, **NO_PRESETS)
        watched.log_in("plain", said=503)
        watched.knows("code", "state")
    assert server.requests == []


NO_PRESETS = {f"SOCIAL_{each}": None for each in ("TWITTER", "FACEBOOK", "FOURSQUARE")}


# What does not belong to a trip.


def tampered(callback: str) -> Iterator[str]:
    """*callback* as an attacker, or an accident, makes it."""
    path, _, query = callback.partition("?")
    other = query.replace("state=", "state=x")
    yield f"{path}?{other}"
    yield f"{path}?{query}&{query}"
    yield f"{path}?{query.replace('state=', 'stated=')}"
    yield f"{path}?{other}&error=access_denied&error_description={query}"
    yield callback.replace("/login/", "/connect/")
    yield callback.replace("/login/", "/callback/")
    yield callback.replace("/login/acme", "/login/plain")
    yield callback.replace("/login/acme", "/login/nobody")


def test_A027_answers_that_belong_to_no_trip(watched: Watched) -> None:
    watched.connected("acme")
    browser = watched.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    for each in tampered(callback):
        assert browser.get(each).status_code in (400, 404)
    assert browser.post(callback.replace("/login/", "/callback/")).status_code == 405
    assert watched.browser().get(callback).status_code == 400, "in another browser"
    [cookie] = [each for each in browser.http.cookies if "social-flow" in each.name]
    forger = watched.browser()
    forger.http.cookies.set(cookie.name, f"{cookie.value}x", domain="127.0.0.1")
    assert forger.get(callback).status_code == 400, "with a cookie that was changed"
    assert browser.get(callback).status_code == 303
    assert browser.get(callback).status_code == 303, "the same again"
    watched.secrets.add("cookie", cookie.value)
    watched.knows("code", "state", "nonce")


def test_A027_cancelled_and_refused(watched: Watched) -> None:
    browser = watched.connected("acme")
    watched.bed.sandbox.deny()
    for provider_id in PROVIDERS:
        watched.log_in(provider_id)
        browser.trip(f"/connect/{provider_id}")
    watched.bed.sandbox["acme"].set("callback", error="server_error", error_description="x" * 300)
    watched.log_in("acme", said=502)
    assert len(watched.bed.signals("login_denied")) == len(PROVIDERS)
    watched.knows("state", "oauth_token")
