"""A token is given back: what is sent where, and what an answer means."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Request
from flask_social.protocols.credentials import basic, public
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.protocols.revoking import (
    STEP,
    access_token_as,
    check,
    deleted_with,
    with_token,
)
from flask_social.registration import register
from flask_social.values import Token
from tests.protocols.paper import CLIENT, ISSUER, Paper, answer, token

REVOKE = "https://op.example/revoke"
HELD = token(refresh_token="the-refresh-token")
OP = OAuth2(
    id="op",
    name="Op",
    authorize_url="https://op.example/authorize",
    token_url="https://op.example/token",
    api_url="https://api.op.example/v1/",
    revoke_url=REVOKE,
)
CLASSIC = OAuth1(
    id="classic",
    name="Classic",
    api_url="https://classic.example/api/",
    revoke_url="https://classic.example/api/invalidate",
)


def sent(provider: OAuth1 | OAuth2, held: Token = HELD, url: str = REVOKE) -> Request:
    """The one request that *provider* sends to give *held* back."""
    network = Paper({url: answer({})})
    assert provider.revoke(CLIENT, held, network) is True
    [request] = network.sent
    return request


# What is sent.


def test_the_refresh_token_goes_since_it_takes_the_grant_with_it() -> None:
    request = sent(OP)
    assert (request.method, request.url, request.purpose) == ("POST", REVOKE, STEP)
    assert request.form == {
        "token": "the-refresh-token",
        "token_type_hint": "refresh_token",
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
    }


def test_without_one_the_access_token_does() -> None:
    form = sent(OP, token()).form or {}
    assert (form["token"], form["token_type_hint"]) == ("the-access-token", "access_token")


def test_the_application_proves_who_it_is_as_at_the_token_endpoint() -> None:
    by_header = sent(replace(OP, client_auth=basic))
    assert by_header.headers["Authorization"].startswith("Basic ")
    assert set(by_header.form or {}) == {"token", "token_type_hint"}
    without_secret = sent(replace(OP, client_auth=public)).form or {}
    assert without_secret["client_id"] == CLIENT.id
    assert "client_secret" not in without_secret


def test_without_an_address_nothing_is_sent() -> None:
    network = Paper({})
    assert replace(OP, revoke_url=None).revoke(CLIENT, HELD, network) is False
    assert replace(CLASSIC, revoke_url=None).revoke(CLIENT, HELD, network) is False
    assert network.sent == []


def test_a_function_of_the_provider_shapes_the_request() -> None:
    request = sent(replace(OP, shape_revoke=with_token))
    assert request.form == {"token": "the-refresh-token", "token_type_hint": "refresh_token"}

    request = sent(replace(OP, shape_revoke=deleted_with(OP.token_use)))
    assert (request.method, request.form, request.body) == ("DELETE", None, None)
    assert request.headers["Authorization"] == "Bearer the-access-token"


def test_in_oauth_1_the_token_signs_and_is_not_sent_besides() -> None:
    held = token(secret="its-secret", token_type="OAuth")
    request = sent(CLASSIC, held, str(CLASSIC.revoke_url))
    assert request.method == "POST"
    assert 'oauth_token="the-access-token"' in request.headers["Authorization"]
    assert not request.form
    assert "its-secret" not in request.headers["Authorization"]


def test_no_repr_shows_what_is_sent() -> None:
    for shown in (repr(sent(OP)), repr(sent(replace(OP, client_auth=basic)))):
        assert "the-refresh-token" not in shown
        assert str(CLIENT.secret) not in shown


# Where it goes in OpenID Connect.


def metadata(**members: Any) -> dict[str, Any]:
    """A document that names every address."""
    names = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")
    found = {name: f"{ISSUER}/{name}" for name in names}
    return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", **found, **members}


def discovered(document: dict[str, Any]) -> Paper:
    return Paper(
        {
            f"{ISSUER}/.well-known/openid-configuration": answer(document),
            f"{ISSUER}/revocation_endpoint": answer({}),
            REVOKE: answer({}),
        }
    )


def test_the_metadata_name_the_address() -> None:
    network = discovered(metadata())
    assert OIDC(id="op", name="Op", issuer=ISSUER).revoke(CLIENT, HELD, network) is True
    assert network.asked[-1] == f"{ISSUER}/revocation_endpoint"


def test_an_address_that_is_given_wins_over_the_metadata() -> None:
    network = discovered(metadata())
    provider = OIDC(id="op", name="Op", issuer=ISSUER, revoke_url=REVOKE)
    assert provider.revoke(CLIENT, HELD, network) is True
    assert network.asked[-1] == REVOKE


def test_metadata_without_one_say_that_there_is_none() -> None:
    document = metadata()
    del document["revocation_endpoint"]
    network = discovered(document)
    assert OIDC(id="op", name="Op", issuer=ISSUER).revoke(CLIENT, HELD, network) is False
    assert network.asked == [f"{ISSUER}/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "url", ["http://op.example/revoke", "https://10.0.0.1/revoke", "https://localhost/revoke", 7]
)
def test_a034_no_token_goes_to_an_address_that_nobody_should_be_sent_to(url: Any) -> None:
    network = discovered(metadata(revocation_endpoint=url))
    with pytest.raises(ProviderUnavailable, match="revocation_endpoint"):
        OIDC(id="op", name="Op", issuer=ISSUER).revoke(CLIENT, HELD, network)
    assert network.asked == [f"{ISSUER}/.well-known/openid-configuration"]


# What an answer means.


def told(status: int, document: Any = None, method: str = "POST") -> None:
    """Read an answer."""
    body = b"" if document is None else json.dumps(document).encode()
    check(Request(url=REVOKE, purpose=STEP, method=method), answer(body, status))


@pytest.mark.parametrize("status", [200, 201, 204])
def test_it_is_done_by_any_answer_that_says_so(status: int) -> None:
    told(status)
    told(status, {"success": True})


def test_a_token_that_is_unknown_or_dead_is_as_good_as_revoked() -> None:
    told(400, {"error": "invalid_token"})
    told(404, {"message": "Not Found"}, "DELETE")
    told(410, None, "DELETE")


@pytest.mark.parametrize(
    ("status", "document", "code"),
    [
        (400, {"error": "invalid_request"}, "invalid_request"),
        (400, {"error": "unsupported_token_type"}, "unsupported_token_type"),
        (400, {"error": {"code": 190, "message": "Bad"}}, "refused"),
        (400, {"error": "words of its own <b>"}, "refused"),
        (400, None, "refused"),
        (403, ["x"], "refused"),
        (404, None, "refused"),
        (410, {"error": "gone"}, "refused"),
    ],
)
def test_anything_else_says_that_the_token_may_still_be_good(
    status: int, document: Any, code: str
) -> None:
    with pytest.raises(ProviderError) as stopped:
        told(status, document)
    assert (stopped.value.code, stopped.value.step) == (code, STEP)
    assert "words" not in str(stopped.value)


def test_wrong_credentials_are_the_operator_s_to_mend() -> None:
    with pytest.raises(ProviderUnavailable, match="consumer_key or consumer_secret is wrong"):
        told(401, {"error": "invalid_client"})


# The stock providers.


def stock(provider_id: str) -> Any:
    options = {"consumer_key": CLIENT.id, "consumer_secret": CLIENT.secret}
    made = register(provider_id, options, sandbox_url=None, allow_http=False)
    return made.provider


def test_googles_metadata_name_the_address_and_it_wants_no_client() -> None:
    google = stock("google")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    document = {name: f"https://oauth2.googleapis.com/{name}" for name in names}
    document |= {"issuer": google.issuer, "revocation_endpoint": REVOKE}
    network = Paper(
        {
            f"{google.issuer}/.well-known/openid-configuration": answer(document),
            REVOKE: answer({}),
        }
    )
    assert google.revoke(CLIENT, HELD, network) is True
    request = network.sent[-1]
    assert request.form == {"token": "the-refresh-token", "token_type_hint": "refresh_token"}
    assert "Authorization" not in request.headers


def test_facebook_deletes_what_was_permitted() -> None:
    url = "https://graph.facebook.com/v24.0/me/permissions"
    request = sent(stock("facebook"), token(), url)
    assert (request.method, request.form, request.body) == ("DELETE", None, None)
    assert request.headers["Authorization"] == "Bearer the-access-token"
    assert list(parse_qs(urlsplit(request.url).query)) == ["appsecret_proof"]


def test_github_deletes_the_grant_as_the_application() -> None:
    url = f"https://api.github.com/applications/{CLIENT.id}/grant"
    request = sent(stock("github"), token(), url)
    pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair.partition(":")[0] == CLIENT.id
    assert request.method == "DELETE"
    assert json.loads(request.body or b"") == {"access_token": "the-access-token"}
    assert request.headers["Content-Type"] == "application/json"


def test_a_github_of_one_s_own_keeps_its_tokens_to_itself() -> None:
    own = "https://github.corp.example"
    options = {
        "consumer_key": CLIENT.id,
        "consumer_secret": CLIENT.secret,
        "authorize_url": f"{own}/login/oauth/authorize",
        "token_url": f"{own}/login/oauth/access_token",
        "api_url": f"{own}/api/v3/",
    }
    made: Any = register("github", options, sandbox_url=None, allow_http=False).provider
    sent(made, token(), f"{own}/api/v3/applications/{CLIENT.id}/grant")


def test_linkedin_takes_key_and_secret_in_the_body() -> None:
    made = replace(
        stock("linkedin"),
        authorize_url="https://op.example/a",
        token_url="https://op.example/t",
        jwks_url="https://op.example/k",
    )
    form = sent(made, token(), "https://www.linkedin.com/oauth/v2/revoke").form or {}
    assert (form["token"], form["client_id"]) == ("the-access-token", CLIENT.id)
    assert form["client_secret"] == CLIENT.secret


@pytest.mark.parametrize("key", ["issuer", "token_url"])
def test_a_provider_that_is_played_by_another_server_forgets_where_tokens_went(key: str) -> None:
    options = {"consumer_key": "k", "consumer_secret": "s", key: "https://other.example/x"}
    made: Any = register("linkedin", options, sandbox_url=None, allow_http=False).provider
    assert made.revoke_url is None
    options["revoke_url"] = "https://other.example/revoke"
    made = register("linkedin", options, sandbox_url=None, allow_http=False).provider
    assert made.revoke_url == "https://other.example/revoke"


def test_twitter_is_signed_with_the_token() -> None:
    request = sent(
        stock("twitter"),
        token(secret="its-secret"),
        "https://api.x.com/1.1/oauth/invalidate_token",
    )
    assert request.method == "POST"
    assert 'oauth_token="the-access-token"' in request.headers["Authorization"]


@pytest.mark.parametrize("provider_id", ["foursquare", "vk"])
def test_some_have_no_way(provider_id: str) -> None:
    assert stock(provider_id).revoke(CLIENT, token(), Paper({})) is False


def test_an_access_token_may_go_by_a_name_of_the_providers() -> None:
    shape = access_token_as("access_token", app="{client_id}", team="{team_id}")
    request = replace(OP, shape_revoke=shape).revocation(CLIENT, HELD, Paper({}))
    assert request is not None
    assert request.form == {"app": "our-id", "access_token": HELD.access_token}
    assert "Authorization" not in request.headers
