"""An access token that says itself who granted it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.protocols.identity import fields
from flask_social.protocols.refreshing import Known
from flask_social.protocols.self_contained import SelfContained
from flask_social.values import Token

from .paper import CLIENT, ISSUER, NOW, Paper, answer, claims, ec, flow, okp, public, rsa, sign

PROVIDER = SelfContained(
    id="op",
    name="Op",
    issuer=ISSUER,
    issuer_aliases=("op.example",),
    trusted_audiences=("The Game",),
    authorize_url=f"{ISSUER}/authorize",
    token_url=f"{ISSUER}/token",
    api_url="https://api.example/",
    jwks_url=f"{ISSUER}/jwks",
    identity=fields(subject="owner", name="name"),
)
KNOWN = Known(subject="owner-1", issuer=ISSUER)
STORED = Token(access_token="old", refresh_token="spent")


def told(**changes: Any) -> dict[str, Any]:
    """What the token claims: as much as an ID token does, but the nonce."""
    ours = {"aud": [CLIENT.id, "The Game"], "azp": CLIENT.id, "owner": "owner-1", "nonce": ...}
    return claims(**{**ours, **changes})


def network(access_token: str, keys: Any = None) -> Paper:
    granted = {"access_token": access_token, "token_type": "Bearer", "refresh_token": "next"}
    return Paper(
        {
            f"{ISSUER}/token": answer(granted),
            f"{ISSUER}/jwks": keys or answer({"keys": [public(rsa())]}),
        }
    )


def refusal(access_token: str, keys: Any = None) -> ProviderError:
    with pytest.raises(ProviderError) as stopped:
        PROVIDER.complete(CLIENT, flow(), {"code": "c"}, network(access_token, keys))
    return stopped.value


@pytest.mark.parametrize("issuer", [ISSUER, "op.example"])
def test_the_token_says_who_granted_it(issuer: str) -> None:
    send = network(sign(told(iss=issuer)))
    grant = PROVIDER.complete(CLIENT, flow(), {"code": "c"}, send)
    assert (grant.identity.subject, grant.identity.name) == ("owner-1", "Ada Example")
    assert grant.identity.issuer == ISSUER
    assert send.asked == [f"{ISSUER}/token", f"{ISSUER}/jwks"]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": ...},
        {"aud": "somebody else"},
        {"aud": ["The Game"]},
        {"aud": [CLIENT.id, "Another Game"]},
        {"azp": "somebody else"},
        {"azp": ...},
        {"exp": NOW - 61},
        {"exp": ...},
        {"iat": NOW + 61},
        {"iat": ...},
    ],
    ids=repr,
)
def test_a_token_of_another_origin_or_time_is_nobodys(changes: dict[str, Any]) -> None:
    assert refusal(sign(told(**changes))).code in ("bad_access_token", "bad_id_token")


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        sign(told(), rsa("two")),
        sign(told(), ec(), {"alg": "ES256"}),
        sign(told(), okp(), {"alg": "Ed25519"}),
        sign(told(), header={"typ": "at+jwt"}),
        sign(b"[]"),
    ],
    ids=["opaque", "another key", "ES256", "Ed25519", "typ", "a list"],
)
def test_a_token_that_is_not_signed_so_is_nobodys(token: str) -> None:
    found = refusal(token)
    assert (found.code, token in str(found)) == ("bad_access_token", False)


def test_a_token_that_names_nobody_ends_the_trip() -> None:
    assert refusal(sign(told(owner=...))).code == "no_subject"


def test_keys_that_are_away_end_the_trip() -> None:
    away = ProviderUnavailable("fetching the keys", "server_error")
    assert refusal(sign(told()), away).code == "server_error"


def test_a_refreshed_token_is_of_the_same_person() -> None:
    send = network(sign(told(iat=NOW - 900)))
    token = PROVIDER.refresh(CLIENT, STORED, KNOWN, send)
    assert (token.access_token, token.refresh_token) == (sign(told(iat=NOW - 900)), "next")
    with pytest.raises(ProviderError) as stopped:
        PROVIDER.refresh(CLIENT, STORED, replace(KNOWN, subject="owner-2"), send)
    assert stopped.value.code == "changed"


def test_a_refresh_token_is_not_spent_where_the_keys_are_away() -> None:
    away = ProviderUnavailable("fetching the keys", "server_error")
    send = network(sign(told()), away)
    with pytest.raises(ProviderUnavailable):
        PROVIDER.refresh(CLIENT, STORED, KNOWN, send)
    assert send.asked == [f"{ISSUER}/jwks"]


def test_a_sandbox_has_the_keys_where_it_plays_the_host() -> None:
    moved = PROVIDER.moved_to("http://localhost:5001/")
    home = "http://localhost:5001/op"
    pages = network(sign(told(iss="op.example"))).answers
    send = Paper(
        {
            f"{home}/token": pages[f"{ISSUER}/token"],
            f"{home}/at/op.example/jwks": pages[f"{ISSUER}/jwks"],
        }
    )
    assert moved.complete(CLIENT, flow(), {"code": "c"}, send).identity.subject == "owner-1"


@pytest.mark.parametrize("issuer", ["", None, ...])
def test_a_provider_without_an_issuer_is_nobodys(issuer: Any) -> None:
    provider = replace(PROVIDER, issuer=None, issuer_aliases=())
    with pytest.raises(ProviderError, match="iss is not the configured issuer"):
        provider.complete(CLIENT, flow(), {"code": "c"}, network(sign(told(iss=issuer))))
