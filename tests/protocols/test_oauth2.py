"""The authorization code grant, on paper."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social.errors import Denied, ProviderError
from flask_social.http import Request
from flask_social.protocols import credentials
from flask_social.protocols.base import s256
from flask_social.protocols.endpoints import Endpoints
from flask_social.protocols.identity import fields
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.refreshing import Known
from flask_social.values import Client, Intent, Token

from .paper import CLIENT, ISSUER, Paper, answer, flow

PROVIDER = OAuth2(
    id="op",
    name="Op",
    authorize_url="https://op.example/authorize",
    token_url="https://op.example/token",
    api_url="https://api.op.example/v1/",
    scopes=("read", "mail"),
    profile_call="me?fields=id",
    identity=fields(subject="id", name="name"),
)
GRANTED = {"access_token": "granted", "token_type": "bearer"}


def network(**answers: Any) -> Paper:
    return Paper(
        {
            "https://op.example/token": answers.get("token", answer(GRANTED)),
            "https://api.op.example/v1/me": answers.get("me", answer({"id": 7, "name": "Ada"})),
        }
    )


def begin(provider: OAuth2 = PROVIDER, **changes: Any) -> dict[str, str]:
    """The parameters that the person is sent away with."""
    _, url = provider.begin(CLIENT, flow(**changes), Paper({}))
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_request_is_that_of_rfc_6749_section_4_1_1() -> None:
    sent, url = PROVIDER.begin(CLIENT, flow(state="", code_verifier=""), Paper({}))
    assert url.startswith("https://op.example/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["our-id"],
        "redirect_uri": ["https://app.example/login/op"],
        "scope": ["read mail"],
        "state": [sent.state],
        "code_challenge": [s256(sent.code_verifier)],
        "code_challenge_method": ["S256"],
    }


def test_every_trip_has_secrets_of_its_own() -> None:
    trips = [PROVIDER.begin(CLIENT, flow(), Paper({}))[0] for _ in range(100)]
    for name in ("state", "code_verifier"):
        assert len({getattr(trip, name) for trip in trips}) == 100
        assert all(len(getattr(trip, name)) == 43 for trip in trips)


def test_a28_the_challenge_matches_the_verifier_of_the_token_request() -> None:
    sent, url = PROVIDER.begin(CLIENT, flow(), Paper({}))
    send = network()
    PROVIDER.complete(CLIENT, sent, {"code": "c", "state": sent.state}, send)
    form = send.sent[0].form or {}
    assert parse_qs(urlsplit(url).query)["code_challenge"] == [s256(form["code_verifier"])]


def test_what_an_authorize_address_holds_already_stays() -> None:
    provider = replace(PROVIDER, authorize_url="https://op.example/authorize?tenant=a%26b#top")
    _, url = provider.begin(CLIENT, flow(), Paper({}))
    assert parse_qs(urlsplit(url).query)["tenant"] == ["a&b"]
    assert urlsplit(url).fragment == ""


def test_what_must_hold_cannot_be_overridden() -> None:
    hostile = dict.fromkeys(
        ("response_type", "client_id", "redirect_uri", "state", "code_challenge_method"), "evil"
    )
    provider = replace(
        PROVIDER,
        authorize_url="https://op.example/authorize?state=evil",
        authorize_params=hostile,
        offline_params=hostile,
        reauth_params=hostile,
        reauthenticates=True,
    )
    for intent in Intent:
        assert "evil" not in begin(provider, intent=intent).values()


def test_a_challenge_is_left_out_only_where_the_provider_file_says_so() -> None:
    provider = replace(PROVIDER, pkce=False)
    assert "code_challenge" not in begin(provider)
    send = network()
    provider.complete(CLIENT, flow(), {"code": "c"}, send)
    assert "code_verifier" not in (send.sent[0].form or {})


def test_scopes_and_extra_parameters_are_the_providers() -> None:
    provider = replace(
        PROVIDER,
        scope_separator=",",
        response_mode="form_post",
        authorize_params={"audience": "x"},
        shape_authorize=lambda params: {**params, "client_key": params["client_id"]},
    )
    params = begin(provider)
    assert params["scope"] == "read,mail"
    assert (params["response_mode"], params["audience"]) == ("form_post", "x")
    assert params["client_key"] == "our-id"


def test_no_scopes_no_parameter() -> None:
    assert "scope" not in begin(replace(PROVIDER, scopes=()))


@pytest.mark.parametrize(
    ("offline", "intent", "asked"),
    [
        (None, Intent.LOGIN, False),
        (None, Intent.CONNECT, True),
        (None, Intent.RECONNECT, True),
        (None, Intent.VERIFY, False),
        (True, Intent.LOGIN, True),
        (False, Intent.CONNECT, False),
    ],
)
def test_a_refresh_token_is_asked_for_when_an_account_is_connected(
    offline: bool | None, intent: Intent, asked: bool
) -> None:
    provider = replace(
        PROVIDER, offline=offline, offline_params={"access_type": "offline"}, reauthenticates=True
    )
    assert ("access_type" in begin(provider, intent=intent)) is asked


def test_a_verify_trip_asks_for_a_new_sign_in() -> None:
    provider = replace(PROVIDER, reauthenticates=True, reauth_params={"auth_type": "again"})
    assert begin(provider, intent=Intent.VERIFY)["auth_type"] == "again"
    assert "auth_type" not in begin(provider)


def test_a_verify_trip_does_not_set_out_to_who_cannot_prove_anything() -> None:
    with pytest.raises(Denied) as stopped:
        begin(intent=Intent.VERIFY)
    assert stopped.value.code == "cannot_verify"


def test_a_grant_comes_home_by_one_token_request_and_one_profile_call() -> None:
    send = network()
    grant = PROVIDER.complete(CLIENT, flow(), {"code": "c", "state": "the-state"}, send)
    assert grant.provider_id == "op"
    assert grant.token.access_token == "granted"
    assert (grant.identity.subject, grant.identity.name) == ("7", "Ada")
    assert grant.identity.issuer is None
    assert send.asked == ["https://op.example/token", "https://api.op.example/v1/me"]
    exchange, profile = send.sent
    assert exchange.method == "POST"
    assert exchange.form == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": "https://app.example/login/op",
        "code_verifier": flow().code_verifier,
        "client_id": "our-id",
        "client_secret": CLIENT.secret,
    }
    assert profile.headers["Authorization"] == "Bearer granted"
    assert profile.url == "https://api.op.example/v1/me?fields=id"


def test_a_token_request_may_be_a_get() -> None:
    provider = replace(PROVIDER, token_method="GET", token_url="https://op.example/token?v=1")
    send = network()
    assert provider.complete(CLIENT, flow(), {"code": "c"}, send).token.access_token == "granted"
    exchange = send.sent[0]
    assert (exchange.method, exchange.form, exchange.body) == ("GET", None, None)
    assert parse_qs(urlsplit(exchange.url).query) == {
        "v": ["1"],
        "grant_type": ["authorization_code"],
        "code": ["c"],
        "redirect_uri": ["https://app.example/login/op"],
        "code_verifier": [flow().code_verifier],
        "client_id": ["our-id"],
        "client_secret": [str(CLIENT.secret)],
    }


def test_a_get_is_shaped_as_it_leaves() -> None:
    provider = replace(
        PROVIDER,
        token_method="GET",
        client_auth=credentials.basic,
        shape_token_request=lambda request: request.with_query(appid="1"),
    )
    send = network()
    provider.complete(CLIENT, flow(), {"code": "c"}, send)
    query = parse_qs(urlsplit(send.sent[0].url).query)
    assert query["appid"] == ["1"]
    assert "client_secret" not in query
    assert send.sent[0].headers["Authorization"].startswith("Basic ")


def test_the_token_request_carries_one_client_authentication() -> None:
    send = network()
    replace(PROVIDER, client_auth=credentials.basic).complete(CLIENT, flow(), {"code": "c"}, send)
    assert "Authorization" in send.sent[0].headers
    assert not {"client_id", "client_secret"} & (send.sent[0].form or {}).keys()


def test_what_the_token_request_must_hold_cannot_be_overridden() -> None:
    hostile = dict.fromkeys(
        ("grant_type", "code", "redirect_uri", "code_verifier", "client_id"), "evil"
    )
    send = network()
    provider = replace(PROVIDER, token_params={**hostile, "extra": "1"})
    provider.complete(CLIENT, flow(), {"code": "c"}, send)
    form = send.sent[0].form or {}
    assert "evil" not in form.values()
    assert form["extra"] == "1"


@pytest.mark.parametrize("issuer", [None, "https://op.example"])
def test_a37_an_assertion_is_for_the_issuer_or_else_for_the_very_endpoint(
    issuer: str | None,
) -> None:
    audiences: list[str] = []

    def noting(request: Request, client: Any, audience: str) -> Request:
        audiences.append(audience)
        return request

    provider = replace(PROVIDER, issuer=issuer, client_auth=noting)
    provider.complete(CLIENT, flow(), {"code": "c"}, network())
    assert audiences == [issuer or "https://op.example/token"]


KNOWN = replace(PROVIDER, issuer="https://op.example")


@pytest.mark.parametrize(
    ("announced", "iss", "code"),
    [
        (True, "https://evil.example", "wrong_iss"),
        (True, "https://op.example/", "wrong_iss"),
        (True, "", "wrong_iss"),
        (True, None, "missing_iss"),
        (True, "https://op.example", None),
        (False, "https://evil.example", "wrong_iss"),
        (False, None, None),
        (False, "https://op.example", None),
    ],
)
def test_a32_the_answer_names_the_server_that_it_is_from(
    announced: bool, iss: str | None, code: str | None
) -> None:
    endpoints = Endpoints(authorize_url="x", token_url="y", iss_required=announced)
    params = {"code": "c", **({} if iss is None else {"iss": iss})}
    if code is None:
        assert KNOWN.read_callback(endpoints, params).code == "c"
        return
    for answered in (params, {**params, "error": "access_denied"}):
        with pytest.raises(ProviderError) as stopped:
            KNOWN.read_callback(endpoints, answered)
        assert stopped.value.code == code


def test_a31_a_foreign_answer_ends_before_any_token_request() -> None:
    send = network()
    with pytest.raises(ProviderError):
        KNOWN.complete(CLIENT, flow(), {"code": "c", "iss": "https://evil.example"}, send)
    assert send.sent == []


def test_an_issuer_that_nobody_knows_is_passed_over() -> None:
    assert PROVIDER.complete(CLIENT, flow(), {"code": "c", "iss": "https://x"}, network())


@pytest.mark.parametrize("params", [{}, {"code": ""}, {"state": "the-state"}, {"code": "\ud800"}])
def test_an_answer_without_code_and_error_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ProviderError) as stopped:
        PROVIDER.complete(CLIENT, flow(), params, network())
    assert stopped.value.code == "missing_code"


def test_an_error_beside_a_code_counts() -> None:
    with pytest.raises(Denied):
        PROVIDER.complete(CLIENT, flow(), {"code": "c", "error": "access_denied"}, network())


def test_unknown_parameters_of_the_answer_are_ignored() -> None:
    params = {"code": "c", "authuser": "0", "hd": "x", "prompt": "consent", "scope": "read"}
    assert PROVIDER.complete(CLIENT, flow(), params, network()).identity.subject == "7"


def test_a_token_endpoint_of_its_own_kind_is_shaped() -> None:
    provider = replace(
        PROVIDER,
        shape_token_request=lambda request: request.with_query(appid="1"),
        shape_token=lambda nested: nested["data"],
    )
    send = network(token=answer({"data": GRANTED}))
    assert provider.complete(CLIENT, flow(), {"code": "c"}, send).token.access_token == "granted"
    assert send.sent[0].url == "https://op.example/token?appid=1"
    with pytest.raises(ProviderError, match="another shape"):
        provider.complete(CLIENT, flow(), {"code": "c"}, network())


def test_who_granted_is_of_the_issuer() -> None:
    assert KNOWN.complete(CLIENT, flow(), {"code": "c"}, network()).identity.issuer == ISSUER


def test_a_grant_that_names_nobody_is_none() -> None:
    with pytest.raises(ProviderError) as stopped:
        PROVIDER.complete(CLIENT, flow(), {"code": "c"}, network(me=answer({"name": "Ada"})))
    assert stopped.value.code == "no_subject"


@pytest.mark.parametrize("issuer", [None, "https://op.example"])
def test_a_provider_moves_to_the_sandbox_whole(issuer: str | None) -> None:
    provider = replace(PROVIDER, issuer=issuer, revoke_url="https://op.example/revoke")
    moved = provider.moved_to("http://localhost:5001/")
    assert moved.authorize_url == "http://localhost:5001/op/authorize"
    assert moved.token_url == "http://localhost:5001/op/token"
    assert moved.api_url == "http://localhost:5001/op/api/"
    assert moved.revoke_url == "http://localhost:5001/op/revoke"
    assert moved.issuer == (issuer and "http://localhost:5001/op")


# What a provider file declares besides.

TEAM = replace(CLIENT, more={"team_id": "t 1"})


def test_scopes_may_hold_places_and_further_ones_are_for_refreshing() -> None:
    provider = replace(
        PROVIDER,
        scopes=("read", "team:{team_id}", "room:{room_id}"),
        offline_scopes=("offline", "read"),
    )
    for intent, wanted in (
        (Intent.LOGIN, "read team:t 1"),
        (Intent.CONNECT, "read team:t 1 offline"),
    ):
        _, url = provider.begin(TEAM, flow(intent=intent), Paper({}))
        assert parse_qs(urlsplit(url).query)["scope"] == [wanted]


def test_parameters_may_hold_places() -> None:
    provider = replace(PROVIDER, authorize_params={"a": "{team_id}", "b": "{room_id}", "c": "{}"})
    _, url = provider.begin(TEAM, flow(), Paper({}))
    query = parse_qs(urlsplit(url).query)
    assert (query["a"], query["c"], "b" in query) == (["t 1"], ["{}"], False)


def test_the_standards_names_may_be_others() -> None:
    names = {"client_id": "client_key", "scope": "permissions", "code": "auth_code"}
    provider = replace(PROVIDER, renames=names)
    params = begin(provider)
    assert (params["client_key"], params["permissions"]) == ("our-id", "read mail")
    assert names.keys().isdisjoint(params)
    send = network()
    provider.complete(CLIENT, flow(), {"code": "c"}, send)
    form = send.sent[0].form or {}
    assert (form["client_key"], form["auth_code"]) == ("our-id", "c")
    assert names.keys().isdisjoint(form)
    provider.refresh(CLIENT, Token(access_token="old", refresh_token="r"), WHOSE, send)
    assert "client_key" in (send.sent[-1].form or {})
    provider = replace(provider, revoke_url="https://op.example/revoke")
    request = provider.revocation(CLIENT, Token(access_token="t"), send)
    assert request is not None
    assert "client_key" in (request.form or {})


WHOSE = Known(subject="7")


def test_what_the_callback_brings_is_kept_with_the_token() -> None:
    provider = replace(
        PROVIDER, kept="device", token_params={"device": "{kept}", "state": "{state}"}
    )
    send = network()
    params = {"code": "c", "device": "d-1"}
    grant = provider.complete(CLIENT, flow(), params, send)
    assert grant.token.secret == "d-1"
    form = send.sent[0].form or {}
    assert (form["device"], form["state"]) == ("d-1", "the-state")
    renewed = provider.refresh(CLIENT, replace(grant.token, refresh_token="r"), WHOSE, send)
    form = send.sent[-1].form or {}
    assert (form["device"], renewed.secret) == ("d-1", "d-1")
    assert form["state"] not in ("", "the-state")


@pytest.mark.parametrize("params", [{}, {"device": ""}, {"device": "a\udfff"}])
def test_a_callback_without_what_is_needed_ends_the_trip(params: dict[str, str]) -> None:
    send = network()
    with pytest.raises(ProviderError, match="missing_parameter"):
        replace(PROVIDER, kept="device").complete(CLIENT, flow(), {"code": "c", **params}, send)
    assert send.sent == []


def test_a_parameter_that_cannot_be_filled_is_left_out() -> None:
    provider = replace(PROVIDER, token_params={"device": "{kept}", "team": "{team_id}"})
    send = network()
    provider.complete(CLIENT, flow(), {"code": "c"}, send)
    assert {"device", "team"}.isdisjoint(send.sent[0].form or {})


def test_a_token_may_be_refreshed_elsewhere() -> None:
    provider = replace(PROVIDER, refresh_url="https://op.example/again")
    send = Paper({"https://op.example/again": answer(GRANTED)})
    held = Token(access_token="old", refresh_token="r")
    assert provider.refresh(CLIENT, held, WHOSE, send).access_token == "granted"
    assert provider.moved_to("http://box/").refresh_url == "http://box/op/refresh"


def test_who_asks_may_be_told_in_a_body_of_its_own() -> None:
    def in_json(request: Request, client: Client, audience: str) -> Request:
        return replace(request, form=None, body=json.dumps({"app": client.id}).encode())

    send = network()
    replace(PROVIDER, client_auth=in_json).complete(CLIENT, flow(), {"code": "c"}, send)
    assert (send.sent[0].form, send.sent[0].body) == (None, b'{"app": "our-id"}')
    assert send.sent[0].method == "POST"


def test_the_token_endpoint_is_sent_the_providers_headers() -> None:
    provider = replace(PROVIDER, headers={"accept": "x/y"}, revoke_url="https://op.example/revoke")
    send = network()
    provider.complete(CLIENT, flow(), {"code": "c"}, send)
    assert send.sent[0].headers == {"accept": "x/y"}
    request = provider.revocation(CLIENT, Token(access_token="t"), send)
    assert request is not None
    assert request.headers == {"accept": "x/y"}
