"""A085 over all presets: where a person's token goes, in a trip and in a call of ``get_api()``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import pytest
import requests

from flask_social import providers
from flask_social.api import ApiSession
from flask_social.http import Request
from flask_social.protocols.oidc import OIDC
from flask_social.sandbox import catalogue, scripts
from flask_social.sandbox.played import Play
from flask_social.transport import TransportOptions
from tests.attacks.presets import Trip, trip
from tests.providers import pushed

pytestmark = pytest.mark.usefixtures("_still")

HEADER = "header Authorization"
ELSEWHERE = {
    "alipay": {"form auth_token"},
    "baidu": {"query access_token"},
    "deezer": {"query access_token"},
    "dingtalk": {"header x-acs-dingtalk-access-token"},
    "disqus": {"query access_token"},
    "douyin": {"form access_token", "header access-token"},
    "foursquare": {"query oauth_token"},
    "instagram": {"query access_token"},
    "lastfm": {"query sk"},
    "mailru": {"query access_token"},
    "mixcloud": {"query access_token"},
    "netease": {"query access_token"},
    "odnoklassniki": {"query access_token"},
    "oschina": {"query access_token"},
    "phabricator": {"query access_token"},
    "qq": {"query access_token"},
    "shopify": {"header X-Shopify-Access-Token"},
    "stackexchange": {"query access_token"},
    "stocktwits": {"query access_token"},
    "threads": {"query access_token"},
    "untappd": {"query access_token"},
    "vk": {"query access_token"},
    "wechat": {"query access_token"},
    "wecom": {"query access_token"},
    "weibo": {"query access_token"},
    "xiaomi": {"query token"},
    "zalo": {"header access_token"},
}
"""Presets whose API knows no other place for the token, by that place."""
BESIDE = {
    "huawei": {"form access_token"},
    "hubspot": {"form token"},
    "vkid": {"form access_token"},
}
"""Where one call of a trip wants it in another place than the rest of the API."""
NOT_RECORDED = {("douyin", "header access-token")}
"""What the sandbox does not play: Douyin's calls that are no forms."""
TOKENLESS = {"launchpad", "steam"}


def recorded(provider_id: str) -> set[str]:
    """The places that the sandbox, which was made from the catalogue, takes a token in."""
    if (script := catalogue.find(provider_id)) is None:
        found = [each for each in scripts.STOCK if each.id == provider_id]
        return {f"query {each.token_in_query}" for each in found}
    assert isinstance(script.play, Play)
    return {*script.play.carry, *(way for call in script.play.calls for way in call.carry)}


def takes_the_header(provider_id: str) -> bool:
    """Whether the API as such takes a token in the header that is made for it."""
    script = catalogue.find(provider_id)
    ways = script.play.carry if script and script.play else ()
    return any(way.startswith(("scheme ", "raw")) for way in ways)


@pytest.mark.parametrize("provider_id", ELSEWHERE)
def test_A085_the_catalogue_knows_no_header_there(provider_id: str) -> None:
    expected = ELSEWHERE[provider_id]
    known = recorded(provider_id) | {way for each, way in NOT_RECORDED if each == provider_id}
    assert expected <= known
    assert not takes_the_header(provider_id)


@pytest.mark.parametrize("provider_id", BESIDE)
def test_A085_the_catalogue_knows_of_calls_of_another_kind(provider_id: str) -> None:
    assert BESIDE[provider_id] <= recorded(provider_id)


def places(request: Request | requests.PreparedRequest, secret: str) -> set[str]:
    """Where *request* holds *secret*."""
    url, form = str(request.url), getattr(request, "form", None)
    body = (request.body or b"").decode() if isinstance(request.body, bytes) else request.body
    if body and "urlencoded" in str(request.headers.get("Content-Type")):
        form, body = dict(parse_qsl(body)), ""
    named = [
        *(("query", *pair) for pair in parse_qsl(urlsplit(url).query)),
        *(("header", *pair) for pair in request.headers.items()),
        *(("form", *pair) for pair in (form or {}).items()),
    ]
    found = {f"{kind} {name}" for kind, name, value in named if secret in unquote(str(value))}
    bare = unquote(url.partition("?")[0]) + (body or "")
    return found | ({"address or body"} if secret in bare else set())


def carrying(made: Trip) -> Iterator[tuple[str, set[str]]]:
    """The requests of the trip that hold the token: where they go, and in which places it is."""
    for request in made.send.sent:
        if found := places(request, made.token):
            yield request.url, found


@pytest.mark.parametrize("provider_id", sorted({*providers.names()} - TOKENLESS))
def test_A085_a_trip_shows_the_token_in_its_one_place(provider_id: str) -> None:
    made = trip(provider_id)
    allowed = ELSEWHERE.get(provider_id, {HEADER}) | BESIDE.get(provider_id, set())
    for url, found in carrying(made):
        assert found <= allowed, url.partition("?")[0]
    assert places(Request(url=made.url, purpose="setting out"), made.token) == set()


def origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def named(made: Trip) -> set[tuple[str, str | None, int | None]]:
    """The origins that the preset itself names."""
    provider = made.provider
    values = [getattr(provider, each.name) for each in fields(provider)]
    urls = [*(each for each in values if isinstance(each, str)), *getattr(provider, "centres", ())]
    urls.append(urljoin(provider.api_url, getattr(provider, "profile_call", None) or ""))
    shown = {provider.console, getattr(provider, "instance_pattern", "")}  # no addresses to ask
    return {origin(each) for each in urls if each.startswith("https://") and each not in shown}


PERSONS_OWN = {"bluesky": {origin(pushed.SERVER)}}
"""The server that a person's account is at, as the directory says."""


@pytest.mark.parametrize("provider_id", providers.names())
def test_A085_a_trip_asks_the_preset_s_own_hosts_alone_by_https(provider_id: str) -> None:
    made = trip(provider_id)
    known = named(made) | PERSONS_OWN.get(provider_id, set())
    asked = {origin(each.url) for each in made.send.sent}
    assert asked <= known
    assert {scheme for scheme, _, _ in known} == {"https"}
    shown = {made.grant.identity.image_url, made.grant.identity.profile_url} - {None}
    assert shown.isdisjoint(each.url for each in made.send.sent)
    assert made.flow.callback_url not in {each.url for each in made.send.sent}


def session_of(made: Trip) -> Any:
    """What ``get_api()`` gives, on a network that nobody is at."""
    provider = made.provider
    token = made.grant.token
    base = provider.api_home(token) or (provider.issuer if isinstance(provider, OIDC) else "")
    session = ApiSession(
        base_url=base,
        token=token,
        client=made.client,
        token_use=provider.as_person,
        options=TransportOptions(proxy="http://127.0.0.1:9"),
    )
    own = provider.api if provider.api and "vendors" not in provider.api.__module__ else None
    return own(session, None, made.client) if own else session


@pytest.mark.parametrize("provider_id", sorted({*providers.names()} - TOKENLESS))
def test_A085_a_call_shows_the_token_in_its_one_place(provider_id: str) -> None:
    made = trip(provider_id)
    session = session_of(made)
    allowed = ELSEWHERE.get(provider_id, {HEADER})
    by_form = all(each.startswith("form ") for each in allowed)
    asked = requests.Request(
        "POST" if by_form else "GET", "a/call", data={"a": "b"} if by_form else None
    )
    request = session.prepare_request(asked)
    found = places(request, made.token)
    assert found
    assert found <= allowed
    assert origin(request.url) in named(made) | PERSONS_OWN.get(provider_id, set())
    assert urlsplit(request.url).scheme == "https"
    for url in ("https://evil.example/a", made.flow.callback_url, made.grant.identity.image_url):
        if url and origin(url) != origin(session.base_url):
            with pytest.raises(ValueError, match=r"not where this token may go|unless by https"):
                session.prepare_request(requests.Request("GET", url))
