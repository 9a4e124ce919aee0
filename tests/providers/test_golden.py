"""Every stock provider over its golden files: see :mod:`.golden`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from flask_social import clock, providers
from flask_social.errors import ProviderError
from flask_social.http import Request
from flask_social.protocols.atproto import Atproto
from flask_social.protocols.base import s256
from flask_social.protocols.bond import Bond
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.protocols.token_answer import FORM
from flask_social.values import Client, Intent, Token
from tests.protocols.paper import CLIENT, NOW, Paper, answer, flow
from tests.providers import pushed
from tests.providers.golden import HERE, golden, stock
from tests.providers.on_paper import KEPT, complete, network

CREDENTIALS = "1.1/account/verify_credentials.json"

OAUTH2 = [each for each in providers.names() if isinstance(providers.find(each), OAuth2)]
"""Those of OAuth 2.0, whose trips carry a state and a challenge."""
OTHERWISE = {"myanimelist": ["plain"], "tiktok": None}
"""The method of a challenge where it is not S256, or that there is none."""


def test_every_stock_provider_has_its_golden_files() -> None:
    files = {f"{each.parent.name}/{each.stem}" for each in HERE.glob("*/*.json")}
    kinds = ("token", "profile", "identity")
    assert files == {f"{each}/{kind}" for each in providers.names() for kind in kinds}


@pytest.mark.parametrize("provider_id", providers.names())
def test_the_golden_answers_make_the_golden_identity(provider_id: str) -> None:
    provider = stock(provider_id)
    token, profile = golden(provider_id, "token"), golden(provider_id, "profile")
    with clock.replaced(lambda: NOW):
        grant = complete(provider, network(provider, token, profile), profile)
    identity = asdict(grant.identity)
    assert identity.pop("raw")
    assert identity == golden(provider_id, "identity")
    assert grant.provider_id == provider_id
    if isinstance(provider, OAuth1):
        assert grant.token.access_token == token["oauth_token"]
        assert grant.token.secret == token["oauth_token_secret"]
    elif isinstance(provider, Atproto):
        assert Bond.of(grant.token, "testing").issuer == provider.issuer
    elif isinstance(provider, OAuth2):
        assert grant.token.access_token
        told = profile.get("callback", {}) if provider.kept else {None: None}
        assert grant.token.secret == told.get(provider.kept, KEPT)


@pytest.mark.parametrize("provider_id", OAUTH2)
def test_every_trip_sets_out_with_state_and_challenge(provider_id: str) -> None:
    provider = stock(provider_id)
    send = network(provider, {}, {"id_token": {}})
    sent, url = provider.begin(CLIENT, flow(intent=Intent.CONNECT), send)
    query = pushed.asked(url, send)
    assert query["state"] == [sent.state]
    if provider_id not in OTHERWISE:
        assert query["code_challenge"] == [s256(sent.code_verifier)]
    assert query.get("code_challenge_method") == OTHERWISE.get(provider_id, ["S256"])
    assert query["response_type"] == ["code"]


@pytest.mark.parametrize("provider_id", providers.names())
def test_every_provider_is_declared_as_the_house_wants_it(provider_id: str) -> None:
    provider = stock(provider_id)
    source = Path(str(providers.__path__[0]), f"{provider_id}.py").read_text("utf-8")
    assert provider.id == provider_id
    assert provider.name
    assert provider.api_url.endswith("/") or (isinstance(provider, OIDC) and not provider.api_url)
    assert source.startswith(f'"""{provider.name} -- https://')
    assert len(source.splitlines()) <= 45


def test_githubs_second_call_may_be_forbidden() -> None:
    provider, profile = stock("github"), golden("github", "profile")
    profile["user"]["email"] = "public@example.com"
    for status in (403, 404):
        send = network(provider, golden("github", "token"), profile)
        send.answers[provider.api_url + "user/emails"] = answer({"message": "no"}, status)
        identity = complete(provider, send).identity
        assert (identity.subject, identity.email) == ("583231", None)
        assert not identity.email_verified


def test_a50_githubs_error_comes_with_status_200() -> None:
    provider = stock("github")
    send = network(provider, {"error": "bad_verification_code"}, {})
    with pytest.raises(ProviderError, match="invalid_grant"):
        complete(provider, send)


def test_githubs_name_may_be_missing() -> None:
    provider, profile = stock("github"), golden("github", "profile")
    profile["user"]["name"] = None
    send = network(provider, golden("github", "token"), profile)
    assert complete(provider, send).identity.name == "ada"


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
    complete(provider, send)
    fields = "id,name,email,link,picture.width(400).height(400)"
    assert query_of(send.sent[-1])["fields"] == [fields]
    assert set(query_of(send.sent[-1])) == {"fields", "appsecret_proof"}


def test_foursquare_gets_token_and_version_in_the_query() -> None:
    provider = stock("foursquare")
    send = network(provider, golden("foursquare", "token"), golden("foursquare", "profile"))
    complete(provider, send)
    assert query_of(send.sent[-1]) == {"oauth_token": ["EXAMPLE0FOURSQUARE"], "v": ["20231010"]}
    assert "Authorization" not in send.sent[-1].headers


def test_google_gives_a_refresh_token_when_an_account_is_connected() -> None:
    provider = stock("google")
    for intent, asked in ((Intent.CONNECT, True), (Intent.LOGIN, False)):
        _, url = provider.begin(
            CLIENT, flow(intent=intent), network(provider, {}, {"id_token": {}})
        )
        assert ("access_type=offline" in url) is asked


def test_twitter_sends_people_on_with_the_token_that_the_request_was_given() -> None:
    provider = stock("twitter")
    given = {"oauth_token": "t", "oauth_token_secret": "s", "oauth_callback_confirmed": "true"}
    send = Paper(
        {"https://api.x.com/oauth/request_token": answer(urlencode(given).encode(), media=FORM)}
    )
    sent, url = provider.begin(CLIENT, flow(intent=Intent.CONNECT), send)
    assert url == "https://api.x.com/oauth/authenticate?oauth_token=t"
    assert (sent.key, sent.request_secret) == ("t", "s")


@pytest.mark.parametrize("status", [403, 404])
def test_twitter_is_known_by_its_token_where_the_plan_lacks_the_profile(status: int) -> None:
    provider = stock("twitter")
    send = network(provider, golden("twitter", "token"), {})
    send.answers[provider.api_url + CREDENTIALS] = answer({"errors": [{"code": 453}]}, status)
    identity = complete(provider, send).identity
    assert (identity.subject, identity.username, identity.name) == ("783214", "@ada", None)
    assert (identity.email, identity.email_verified) == (None, False)
    assert identity.profile_url == "https://x.com/ada"
    assert set(identity.raw) == {"id_str", "screen_name"}, "no token among them"


@pytest.mark.parametrize("status", [400, 401])
def test_twitter_is_believed_about_nobody_when_it_refuses_the_token(status: int) -> None:
    provider = stock("twitter")
    send = network(provider, golden("twitter", "token"), {})
    send.answers[provider.api_url + CREDENTIALS] = answer({"errors": [{"code": 89}]}, status)
    with pytest.raises(ProviderError, match="bad_answer"):
        complete(provider, send)


def test_twitter_without_a_profile_and_without_an_id_is_nobody() -> None:
    provider, token = stock("twitter"), golden("twitter", "token")
    del token["user_id"]
    send = network(provider, token, {})
    send.answers[provider.api_url + CREDENTIALS] = answer({}, 403)
    with pytest.raises(ProviderError, match="bad_answer"):
        complete(provider, send)


@pytest.mark.parametrize("email", [None, "", "not an address"])
def test_twitter_tells_null_for_an_address_that_is_not_confirmed(email: str | None) -> None:
    provider, profile = stock("twitter"), golden("twitter", "profile")
    profile[CREDENTIALS]["email"] = email
    identity = complete(provider, network(provider, golden("twitter", "token"), profile)).identity
    assert (identity.email, identity.email_verified) == (None, False)


def test_twitter_is_asked_for_the_address_and_for_no_tweets() -> None:
    provider = stock("twitter")
    send = network(provider, golden("twitter", "token"), golden("twitter", "profile"))
    complete(provider, send)
    assert query_of(send.sent[-1]) == {"include_email": ["true"], "skip_status": ["true"]}
    assert send.sent[-1].headers["Authorization"].startswith("OAuth ")


def test_vk_gets_token_and_version_in_the_query() -> None:
    provider = stock("vk")
    send = network(provider, golden("vk", "token"), golden("vk", "profile"))
    grant = complete(provider, send)
    assert query_of(send.sent[-1]) == {
        "fields": ["screen_name,photo_200"],
        "access_token": ["vk1.a.example"],
        "v": ["5.131"],
    }
    assert "Authorization" not in send.sent[-1].headers
    assert grant.token.token_type == "Bearer"
    assert "vk1.a.example" not in repr(grant.identity.raw)


def test_vk_is_asked_for_the_address_in_its_own_version() -> None:
    provider = stock("vk")
    _, url = provider.begin(CLIENT, flow(), Paper({}))
    query = parse_qs(urlsplit(url).query)
    assert (query["scope"], query["v"]) == (["email"], ["5.131"])


def test_vk_without_an_address_has_none() -> None:
    provider, token = stock("vk"), golden("vk", "token")
    del token["email"]
    identity = complete(provider, network(provider, token, golden("vk", "profile"))).identity
    assert (identity.subject, identity.email) == ("210700286", None)


@pytest.mark.parametrize(
    "said",
    [
        {"error": {"error_code": 5, "error_msg": "User authorization failed"}},
        {"response": []},
        {"response": [{"id": 1}, {"id": 2}]},
        {"response": None},
        {"response": ["1"]},
        [],
    ],
)
def test_a50_vks_error_comes_with_status_200_and_is_nobody(said: Any) -> None:
    provider = stock("vk")
    send = network(provider, golden("vk", "token"), {"users.get": said})
    with pytest.raises(ProviderError, match="bad_answer"):
        complete(provider, send)
