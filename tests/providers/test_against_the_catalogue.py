"""What each provider is asked, against the facts that the sandbox has of it.

The sandbox's files were made from the catalogue of providers, and share nothing with the
declarations in ``providers/``: where the two differ, one of them is wrong.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

import flask_social.sandbox
from flask_social import providers
from flask_social.places import places
from flask_social.protocols.atproto import Atproto
from flask_social.protocols.base import s256
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.protocols.openid2 import OpenID2
from flask_social.protocols.session_key import SessionKey
from flask_social.values import Client, Intent
from tests.protocols.paper import Paper, answer, flow
from tests.providers.golden import registration, settings, stock
from tests.providers.pushed import answering, asked

HERE = Path(str(flask_social.sandbox.__file__)).parent / "catalogue"
PLAYED = sorted(each.stem for each in HERE.glob("*.json"))
BOTH = [each for each in PLAYED if each in providers.names()]
OTHERWISE: dict[tuple[str, str], str] = {
    ("apple", "scopes"): "Each request of OpenID Connect says openid, which Apple takes as well.",
    ("autodesk", "scopes"): "Without openid it signs nothing that tells who somebody is.",
    ("dexcom", "scopes"): "It has no scope but offline_access, and a request has to name one.",
    ("dexcom", "offline"): "It has no scope but offline_access, so that a login asks for it too.",
    ("ebay", "redirect_uri"): "It is a RuName, by which eBay knows the address to lead back to.",
    ("gitlab", "scopes"): "Its OpenID Connect tells the same as what read_user is for, signed.",
    ("heroku", "revoke"): "An authorization is taken back there, whose number no answer tells.",
    ("itsme", "scopes"): "CODE stands for the service of the application, which it configures.",
    ("mozilla", "scopes"): "Without openid it signs nothing that tells who somebody is.",
    ("ory", "scopes"): "offline is offline_access by its older name, for connecting alone.",
    ("unsplash", "scopes"): "Its plus sign is how an address writes the space between scopes.",
}
"""Where we knowingly differ from the catalogue, and why."""


@cache
def facts(provider_id: str) -> dict[str, Any]:
    """What the catalogue says of a provider, its places filled as its configuration has them."""
    raw: Any = providers.find(provider_id)
    filled = {
        **raw.places,
        **settings(provider_id),
        "client_id": settings(provider_id)["consumer_key"],
    }
    text = (HERE / f"{provider_id}.json").read_text("utf-8")
    for name in {*places(raw), *raw.places}:
        text = text.replace(f"{{{name}}}", str(filled[name]))
    found: dict[str, Any] = json.loads(text)
    return found


def of_kind(kind: type, *, but: type | None = None) -> list[str]:
    """The ids of those played whose declaration is a *kind*."""
    found = {each: providers.find(each) for each in BOTH}
    return [
        each
        for each, one in found.items()
        if isinstance(one, kind) and not (but and isinstance(one, but))
    ]


def names_at(provider_id: str) -> dict[str, str]:
    """What the provider calls parameters of the standard when people set out to it."""
    known = facts(provider_id)
    return {**known.get("names", {}), **known["authorize"].get("names", {})}


def set_out(provider_id: str, intent: Intent = Intent.LOGIN) -> tuple[Any, str, dict[str, str]]:
    """The flow, the address that it leads to without its query, and the query."""
    provider, client = registration(provider_id).provider, registration(provider_id).client
    send = Paper({})
    if isinstance(provider, OIDC):
        url = provider.authorize_url or "https://discovered.example/authorize"
        metadata = {
            "issuer": provider.announced,
            "authorization_endpoint": url,
            "token_endpoint": "https://discovered.example/token",
            "jwks_uri": "https://discovered.example/keys",
            "userinfo_endpoint": "https://discovered.example/userinfo",
        }
        where = provider.discovery_url or provider.issuer.rstrip("/") + WELL_KNOWN
        send = Paper({where: answer(metadata)})
    if isinstance(provider, Atproto):
        send = Paper(answering(provider, {}, {}))
    sent, url = provider.begin(client, flow(intent=intent), send)
    query = asked(url, send)
    assert all(len(values) == 1 for values in query.values()), "a parameter is there twice"
    return sent, url.partition("?")[0], {name: values[0] for name, values in query.items()}


WELL_KNOWN = "/.well-known/openid-configuration"


def agree(provider_id: str, what: str, *, same: bool) -> bool:
    """Whether we and the catalogue are the *same* there, or differ where we say so."""
    return same is ((provider_id, what) not in OTHERWISE)


@pytest.mark.parametrize("provider_id", of_kind(OAuth2))
def test_every_trip_has_a_state_and_a_challenge_of_its_own(provider_id: str) -> None:
    names = names_at(provider_id)
    sent, _, query = set_out(provider_id)
    assert query["state"] == sent.state
    assert len(sent.state) >= 43
    assert set_out(provider_id)[0].state != sent.state
    back = query[names.get("redirect_uri", "redirect_uri")]
    assert agree(provider_id, "redirect_uri", same=back == sent.callback_url)
    refused = facts(provider_id).get("pkce")
    if refused == "plain":
        assert query["code_challenge"] == sent.code_verifier
        assert query["code_challenge_method"] == "plain"
    elif provider_id in WITHOUT_PKCE:
        assert "code_challenge" not in query
    else:
        assert query["code_challenge"] == s256(sent.code_verifier)
        assert query["code_challenge_method"] == "S256"


WITHOUT_PKCE = {"tiktok": "it wants another form of the challenge, of apps on devices alone"}


@pytest.mark.parametrize("provider_id", of_kind(OAuth2))
def test_the_client_and_the_scopes_go_under_the_names_that_they_have_there(
    provider_id: str,
) -> None:
    known = facts(provider_id)
    names = names_at(provider_id)
    _, _, query = set_out(provider_id)
    client = registration(provider_id).client
    assert query[names.get("client_id", "client_id")] == client.id
    asked = query.get(names.get("scope", "scope"), "")
    how, _, offline = known["refresh"]["when"].partition(" ")
    wanted = set(known["scopes"]) - ({offline} if how == "scope" else set())
    found = set(filter(None, asked.split(known.get("separator", " "))))
    assert agree(provider_id, "scopes", same=found == wanted)
    if names.get("client_id"):
        assert "client_id" not in query


@pytest.mark.parametrize("provider_id", of_kind(OAuth2))
def test_what_it_needs_beside_the_standard_is_there(provider_id: str) -> None:
    known = facts(provider_id)["authorize"]
    _, _, query = set_out(provider_id, Intent.CONNECT)
    for name, wanted in known.get("needs", {}).items():
        assert name in query
        if wanted != "*" and "{" not in wanted:
            assert query[name] in wanted.split("|")
    for name, least in known.get("lengths", {}).items():
        assert len(query[name]) >= least


@pytest.mark.parametrize("provider_id", of_kind(OAuth2, but=OIDC))
def test_it_is_asked_where_the_catalogue_says(provider_id: str) -> None:
    known, provider = facts(provider_id), stock(provider_id)
    assert isinstance(provider, OAuth2)
    _, where, _ = set_out(provider_id)
    if isinstance(provider, Atproto):
        assert (where, provider.token_url) == (known["authorize"]["url"], "")  # discovered
        return
    wanted = {
        "authorize": known["authorize"]["url"],
        "token": known["token"]["url"],
        "refresh": known["refresh"].get("url", known["token"]["url"]),
    }
    found = {
        "authorize": where,
        "token": provider.token_url,
        "refresh": provider.refresh_url or provider.token_url,
    }
    for each, url in found.items():
        assert agree(provider_id, each, same=url == wanted[each])


@pytest.mark.parametrize("provider_id", of_kind(OIDC))
def test_its_issuer_is_the_one_of_the_catalogue(provider_id: str) -> None:
    provider = stock(provider_id)
    assert isinstance(provider, OIDC)
    assert agree(provider_id, "issuer", same=provider.issuer == facts(provider_id)["issuer"])


@pytest.mark.parametrize("provider_id", of_kind(OAuth1))
def test_oauth_1_is_spoken_where_the_catalogue_says(provider_id: str) -> None:
    known, provider = facts(provider_id), stock(provider_id)
    assert isinstance(provider, OAuth1)
    found = (provider.request_token_url, provider.authorize_url, provider.token_url)
    assert found == (known["request_token"], known["authorize"]["url"], known["token"]["url"])
    params = Client(id="our-id").filled(provider.authorize_params)
    for name, wanted in known["authorize"].get("needs", {}).items():
        assert name in params
        assert wanted in ("*", params[name]) or "{" in wanted


@pytest.mark.parametrize("provider_id", ["lastfm", "launchpad", "steam"])
def test_the_others_are_asked_where_the_catalogue_says(provider_id: str) -> None:
    known, provider = facts(provider_id), providers.find(provider_id)
    assert isinstance(provider, OpenID2 | SessionKey)
    answering = provider.authorize_url if isinstance(provider, OpenID2) else provider.token_url
    found = (provider.authorize_url, answering)
    assert found == (known["authorize"]["url"], known["token"]["url"])


@pytest.mark.parametrize("provider_id", [each for each in BOTH if "revoke" in facts(each)])
def test_what_can_be_taken_back_is(provider_id: str) -> None:
    provider = stock(provider_id)
    discovered = isinstance(provider, OIDC | Atproto) and not provider.authorize_url
    assert agree(provider_id, "revoke", same=bool(provider.revoke_url or discovered))


@pytest.mark.parametrize("provider_id", of_kind(OAuth2))
def test_a_refresh_token_is_asked_for_when_an_account_is_connected(provider_id: str) -> None:
    """And not at a login, where nobody has use for one (decision 15)."""
    when, provider = facts(provider_id)["refresh"]["when"], stock(provider_id)
    assert isinstance(provider, OAuth2)
    _, _, connecting = set_out(provider_id, Intent.CONNECT)
    _, _, login = set_out(provider_id)
    how, _, what = when.partition(" ")
    if how not in ("scope", "by"):
        return
    if how == "by":
        wanted = dict(parse_qsl(what))
        assert wanted.items() <= connecting.items()
        assert not wanted.items() <= login.items()
        return
    name = names_at(provider_id).get("scope", "scope")
    separator = facts(provider_id).get("separator", " ")
    assert what in connecting[name].split(separator)
    spared = what not in login.get(name, "").split(separator)
    assert agree(provider_id, "offline", same=spared)


def test_the_sandbox_plays_every_provider_that_we_have() -> None:
    by_hand = {"google", "facebook", "foursquare", "github", "linkedin", "twitter", "vk"}
    assert set(providers.names()) - set(PLAYED) == by_hand
