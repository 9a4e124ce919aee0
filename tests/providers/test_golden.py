"""Every stock provider over its golden files: what it answers, and the identity that comes of it.

``token.json`` is the answer of the token endpoint. ``profile.json`` holds what stands at each
path below the API, or under ``id_token`` the claims that an OpenID Connect provider signs.
``identity.json`` is what must come of them.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social import clock, providers
from flask_social.errors import ProviderError
from flask_social.http import Request
from flask_social.protocols.base import s256
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.values import Client, Intent, Token
from tests.protocols.paper import CLIENT, NOW, Paper, answer, flow, public, rsa, sign

HERE = Path(__file__).parent


def golden(provider_id: str, name: str) -> Any:
    """The golden file *name* of a provider."""
    return json.loads((HERE / provider_id / f"{name}.json").read_text("utf-8"))


def stock(provider_id: str) -> OAuth2:
    """The stock provider of that id."""
    provider = providers.find(provider_id)
    assert isinstance(provider, OAuth2)
    return provider


def network(provider: OAuth2, token: dict[str, Any], profile: dict[str, Any]) -> Paper:
    """The provider on paper, with its own addresses."""
    if not isinstance(provider, OIDC):
        calls = {provider.api_url + path: answer(each) for path, each in profile.items()}
        return Paper({provider.token_url: answer(token), **calls})
    claims = {"aud": CLIENT.id, "iat": NOW, "exp": NOW + 300, **profile["id_token"]}
    if provider.nonce:
        claims["nonce"] = flow().nonce
    home = provider.issuer
    metadata = {
        "issuer": home,
        "authorization_endpoint": f"{home}/authorize",
        "token_endpoint": f"{home}/token",
        "jwks_uri": f"{home}/keys",
        "userinfo_endpoint": f"{home}/userinfo",
    }
    return Paper(
        {
            f"{home}/.well-known/openid-configuration": answer(metadata),
            f"{home}/token": answer({**token, "id_token": sign(claims)}),
            f"{home}/keys": answer({"keys": [public(rsa())]}),
        }
    )


def test_every_stock_provider_has_its_golden_files() -> None:
    files = {f"{each.parent.name}/{each.stem}" for each in HERE.glob("*/*.json")}
    kinds = ("token", "profile", "identity")
    assert files == {f"{each}/{kind}" for each in providers.names() for kind in kinds}


@pytest.mark.parametrize("provider_id", providers.names())
def test_the_golden_answers_make_the_golden_identity(provider_id: str) -> None:
    provider = stock(provider_id)
    token, profile = golden(provider_id, "token"), golden(provider_id, "profile")
    with clock.replaced(lambda: NOW):
        grant = provider.complete(CLIENT, flow(), {"code": "c"}, network(provider, token, profile))
    identity = asdict(grant.identity)
    assert identity.pop("raw")
    assert identity == golden(provider_id, "identity")
    assert grant.provider_id == provider_id
    assert grant.token.access_token == token["access_token"]


@pytest.mark.parametrize("provider_id", providers.names())
def test_every_trip_sets_out_with_state_and_challenge(provider_id: str) -> None:
    provider = stock(provider_id)
    send = network(provider, {}, {"id_token": {}})
    sent, url = provider.begin(CLIENT, flow(intent=Intent.CONNECT), send)
    query = parse_qs(urlsplit(url).query)
    assert query["state"] == [sent.state]
    assert query["code_challenge"] == [s256(sent.code_verifier)]
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]


@pytest.mark.parametrize("provider_id", providers.names())
def test_every_provider_is_declared_as_the_house_wants_it(provider_id: str) -> None:
    provider = stock(provider_id)
    source = Path(str(providers.__path__[0]), f"{provider_id}.py").read_text("utf-8")
    assert provider.id == provider_id
    assert provider.name
    assert provider.api_url.endswith("/")
    assert source.startswith(f'"""{provider.name} -- https://')
    assert len(source.splitlines()) <= 45


def test_githubs_second_call_may_be_forbidden() -> None:
    provider, profile = stock("github"), golden("github", "profile")
    profile["user"]["email"] = "public@example.com"
    for status in (403, 404):
        send = network(provider, golden("github", "token"), profile)
        send.answers[provider.api_url + "user/emails"] = answer({"message": "no"}, status)
        identity = provider.complete(CLIENT, flow(), {"code": "c"}, send).identity
        assert (identity.subject, identity.email) == ("583231", None)
        assert not identity.email_verified


def test_a50_githubs_error_comes_with_status_200() -> None:
    provider = stock("github")
    send = network(provider, {"error": "bad_verification_code"}, {})
    with pytest.raises(ProviderError, match="unknown_error"):
        provider.complete(CLIENT, flow(), {"code": "c"}, send)


def test_githubs_name_may_be_missing() -> None:
    provider, profile = stock("github"), golden("github", "profile")
    profile["user"]["name"] = None
    send = network(provider, golden("github", "token"), profile)
    assert provider.complete(CLIENT, flow(), {"code": "c"}, send).identity.name == "ada"


def query_of(request: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query)


def test_facebook_gets_a_proof_with_every_call_and_no_token_in_the_address() -> None:
    # By an oracle: printf token | openssl dgst -sha256 -hmac secret
    proof = "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a"
    client, token = Client(id="our-id", secret="secret"), Token(access_token="token")
    call = Request(url="https://g.example/me", purpose="x")
    request = stock("facebook").token_use(call, token, client)
    assert query_of(request) == {"appsecret_proof": [proof]}
    assert request.headers == {"Authorization": "Bearer token"}


def test_facebook_tells_all_fields_that_it_is_asked_for() -> None:
    provider = stock("facebook")
    send = network(provider, golden("facebook", "token"), golden("facebook", "profile"))
    provider.complete(CLIENT, flow(), {"code": "c"}, send)
    fields = "id,name,email,link,picture.width(400).height(400)"
    assert query_of(send.sent[-1])["fields"] == [fields]
    assert set(query_of(send.sent[-1])) == {"fields", "appsecret_proof"}


def test_foursquare_gets_token_and_version_in_the_query() -> None:
    provider = stock("foursquare")
    send = network(provider, golden("foursquare", "token"), golden("foursquare", "profile"))
    provider.complete(CLIENT, flow(), {"code": "c"}, send)
    assert query_of(send.sent[-1]) == {"oauth_token": ["EXAMPLE0FOURSQUARE"], "v": ["20231010"]}
    assert "Authorization" not in send.sent[-1].headers


def test_google_gives_a_refresh_token_when_an_account_is_connected() -> None:
    provider = stock("google")
    for intent, asked in ((Intent.CONNECT, True), (Intent.LOGIN, False)):
        _, url = provider.begin(
            CLIENT, flow(intent=intent), network(provider, {}, {"id_token": {}})
        )
        assert ("access_type=offline" in url) is asked
