"""What the steps with a provider are made of: trips, what they bring, and calls of its API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import requests

from flask_social.api import ApiSession
from flask_social.flows import revocation
from flask_social.remote import RemoteApp
from flask_social.sandbox import Provider
from flask_social.sandbox.people import SAMPLE
from flask_social.testing import ServedSandbox
from flask_social.values import Grant, Identity, Token
from tests import formpost
from tests.bed import Bed, Browser
from tests.providers.golden import golden

CALL = "a/call/of/our/own"
"""Which the sandbox echoes, if it comes with a good token."""


def trip(browser: Browser, path: str) -> requests.Response:
    """Set out, say yes, come back: by the address, or by a form that the provider posts."""
    # eBay leads back to the address that a name of its own was given for, whatever is asked.
    browser.bed.sandbox["ebay"].clients["our-id"].redirect_uris = (browser.bed.url + path,)
    url = browser.set_out(path)
    for cookie in browser.http.cookies:
        cookie.secure = False  # to a browser loopback is as good as https
    if "response_mode=form_post" in url:
        return formpost.hand_in(browser, *formpost.form_at(browser, url))
    return browser.get(browser.at_provider(url))


@contextmanager
def grants(bed: Bed) -> Iterator[list[Grant]]:
    """What trips bring home meanwhile."""
    seen: list[Grant] = []
    checkers = bed.app.extensions["social"].hooks.checkers
    checkers.append(seen.append)
    try:
        yield seen
    finally:
        checkers.remove(seen.append)


def remote_of(bed: Bed, provider_id: str) -> RemoteApp:
    found: RemoteApp = bed.app.extensions["social"].providers[provider_id]
    return found


def told(identity: Identity) -> dict[str, Any]:
    """*identity* as golden files have it."""
    return {
        name: value for name, value in asdict(replace(identity, raw={})).items() if name != "raw"
    }


def expected(box: ServedSandbox, provider_id: str) -> dict[str, Any]:
    """The golden identity, from the issuer that the sandbox is."""
    identity: dict[str, Any] = golden(provider_id, "identity")
    if identity["issuer"] is not None:
        identity["issuer"] = f"{box.url}{provider_id}"
    if provider_id == "microsoft":  # where each tenant is an issuer
        tenant = identity["subject"].partition(".")[0]
        identity["issuer"] += f"/{tenant}/v2.0"
    return identity


def row_of(bed: Bed, provider_id: str) -> Any:
    """The one connection to a provider; ``None`` when there is none."""
    found = [row for row in bed.rows() if row.provider_id == provider_id]
    assert len(found) < 2
    return found[0] if found else None


def signals(bed: Bed, before: int) -> list[tuple[str, str]]:
    """The signals since there were *before* of them, and of which provider each tells."""
    return [(name, arguments["provider"].id) for name, arguments in bed.told[before:]]


def questions(played: Provider) -> int:
    """How often the application has asked the provider for a token, or who somebody is."""
    asked = ("token", "access_token", "userinfo", "api", "exchange", "refresh")
    return sum(played.counts[endpoint] for endpoint in asked)


def is_taken(session: ApiSession, played: Provider) -> bool:
    """Whether the provider takes the token of *session*: it tells then whose it is."""
    play = played.script.play
    if play is not None and all(each.startswith("form ") for each in play.carry):
        answer = session.post(CALL, data={"as": "a form"})  # where alone it takes tokens
    else:
        answer = session.get(CALL)
    return f'"account": "{SAMPLE.name}"' in answer.text


def keeping(remote: RemoteApp, row: Any) -> ApiSession:
    """A session that goes on with the token that is in *row* now, whatever becomes of that."""
    remote = remote.at(row.provider_user_id)
    provider: Any = remote.provider
    home = provider.api_home if hasattr(provider, "api_home") else lambda token: None
    token = revocation.held_token(row)
    assert isinstance(token, Token)
    return ApiSession(
        base_url=home(token) or remote.api_url,
        token=token,
        client=remote.client,
        token_use=provider.as_person,
        options=remote.transport,
        challenged=getattr(provider, "challenged", None),
    )
