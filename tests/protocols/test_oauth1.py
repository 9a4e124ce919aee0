"""OAuth 1.0a on paper: temporary credentials, the callback, token credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from flask_social import limits
from flask_social.errors import ConfigurationError, Denied, ProviderError, ProviderUnavailable
from flask_social.http import Get, Response
from flask_social.protocols.identity import fields
from flask_social.protocols.oauth1 import SIGNATURE_METHODS, OAuth1
from flask_social.values import Flow, Intent, Token

from .paper import CLIENT, Paper, answer, flow, token
from .signed import Signed, sent

PROVIDER = OAuth1(
    id="photos",
    name="Photos",
    request_token_url="https://photos.example/request_token",
    authorize_url="https://photos.example/authorize",
    token_url="https://photos.example/access_token",
    api_url="https://api.photos.example/1/",
    profile_call="me.json?skip=1",
    identity=fields(subject="id", name="name"),
)
TEMPORARY = {
    "oauth_token": "request-token",
    "oauth_token_secret": "request-secret",
    "oauth_callback_confirmed": "true",
}
GRANTED = {"oauth_token": "granted", "oauth_token_secret": "its-secret"}
BACK = {"oauth_token": "request-token", "oauth_verifier": "the-verifier"}
SECRET = str(CLIENT.secret)
HOLDER = {"token_type": "OAuth", "access_token": "granted", "secret": "its-secret"}


def form(members: Mapping[str, str], status: int = 200, media: str = "text/html") -> Response:
    """Credentials as providers send them: a form, whatever its type says."""
    return answer(urlencode(members).encode(), status, media)


def network(**answers: Any) -> Paper:
    return Paper(
        {
            PROVIDER.request_token_url: answers.get("request_token", form(TEMPORARY)),
            PROVIDER.token_url: answers.get("access_token", form(GRANTED)),
            "https://api.photos.example/1/me.json": answers.get("me", answer({"id": 7})),
        }
    )


def out(**changes: Any) -> Flow:
    """A flow that has its temporary credentials."""
    return flow(
        **{
            "state": "",
            "request_token": "request-token",
            "request_secret": "request-secret",
            **changes,
        }
    )


def begin(provider: OAuth1 = PROVIDER, **answers: Any) -> tuple[Flow, str, Signed]:
    """The flow, the address to go to, and the request for temporary credentials."""
    send = network(**answers)
    started, url = provider.begin(CLIENT, flow(state=""), send)
    (asked,) = send.sent
    return started, url, sent(asked)


def complete(params: Mapping[str, str], provider: OAuth1 = PROVIDER, **answers: Any) -> Paper:
    send = network(**answers)
    provider.complete(CLIENT, out(), params, send)
    return send


# Out ...


def test_the_request_for_temporary_credentials_is_that_of_rfc_5849_section_2_1() -> None:
    started, url, asked = begin()
    assert (asked.method, asked.url) == ("POST", "https://photos.example/request_token")
    assert asked.form == ""
    assert asked.is_by(SECRET, "")
    assert asked.oauth["oauth_callback"] == "https://app.example/login/op"
    assert asked.oauth["oauth_consumer_key"] == "our-id"
    assert not {"oauth_token", "oauth_verifier"} & asked.oauth.keys()
    assert (started.key, started.request_secret) == ("request-token", "request-secret")
    assert url == "https://photos.example/authorize?oauth_token=request-token"


def test_a_flow_and_its_request_hide_their_secrets() -> None:
    send = network()
    started, _ = PROVIDER.begin(CLIENT, flow(state=""), send)
    shown = repr((started, send.sent, started.request_token, started.request_secret, PROVIDER))
    assert not any(
        each in shown for each in ("request-token", "request-secret", SECRET, "oauth_nonce")
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_further_parameters_go_along_and_are_signed(method: str) -> None:
    provider = replace(
        PROVIDER,
        request_token_url=f"{PROVIDER.request_token_url}?v=1",
        request_token_method=method,
        request_params={"scope": "read write", "realm": "ü"},
        authorize_url="https://photos.example/authorize?lang=en&oauth_token=evil#top",
        authorize_params={"force_login": "true", "oauth_token": "evil"},
    )
    _, url, asked = begin(provider)
    assert (asked.method, asked.is_by(SECRET, "")) == (method, True)
    assert {("v", "1"), ("scope", "read write"), ("realm", "ü")} <= set(asked.pairs)
    in_query = parse_qsl(urlsplit(asked.url).query)
    assert (("scope", "read write") in in_query) is (method == "GET")
    assert parse_qs(urlsplit(url).query) == {
        "lang": ["en"],
        "force_login": ["true"],
        "oauth_token": ["request-token"],
    }


@pytest.mark.parametrize("method", SIGNATURE_METHODS)
def test_every_leg_is_signed_by_the_method_of_the_provider(method: str) -> None:
    provider = replace(PROVIDER, signature_method=method)
    _, _, asked = begin(provider)
    exchange, profile = map(sent, complete(BACK, provider).sent)
    for signed, secret in ((asked, ""), (exchange, "request-secret"), (profile, "its-secret")):
        assert signed.oauth["oauth_signature_method"] == method
        assert signed.is_by(SECRET, secret)


@pytest.mark.parametrize("method", ["HMAC-MD5", "hmac-sha1", "RSA-SHA1", ""])
def test_a_method_that_nobody_can_sign_by_stops_the_start(method: str) -> None:
    with pytest.raises(ConfigurationError, match="photos: signature_method is one of HMAC-SHA1, "):
        replace(PROVIDER, signature_method=method)


def test_no_trip_sets_out_to_prove_that_somebody_is_there() -> None:
    send = network()
    with pytest.raises(Denied) as stopped:
        PROVIDER.begin(CLIENT, flow(intent=Intent.VERIFY), send)
    assert (stopped.value.code, send.sent) == ("cannot_verify", [])


@pytest.mark.parametrize("confirmed", [None, "", "false", "True", "1"])
def test_a38_a_provider_that_does_not_confirm_the_callback_is_not_gone_to(
    confirmed: str | None,
) -> None:
    members = {name: value for name, value in TEMPORARY.items() if not name.endswith("confirmed")}
    if confirmed is not None:
        members["oauth_callback_confirmed"] = confirmed
    with pytest.raises(ProviderError, match=r"does not confirm the callback") as stopped:
        begin(request_token=form(members))
    assert stopped.value.code == "bad_answer"


NO_CREDENTIALS: dict[str, dict[str, str]] = {
    "no token": {"oauth_token_secret": "s"},
    "no secret": {"oauth_token": "t"},
    "an empty token": {"oauth_token": "", "oauth_token_secret": "s"},
    "an empty secret": {"oauth_token": "t", "oauth_token_secret": ""},
    "a line break": {"oauth_token": "t\r\nx", "oauth_token_secret": "s"},
    "a space": {"oauth_token": "t", "oauth_token_secret": "s t"},
    "not ASCII": {"oauth_token": "tü", "oauth_token_secret": "s"},
    "nothing": {},
}


@pytest.mark.parametrize("members", NO_CREDENTIALS.values(), ids=NO_CREDENTIALS.keys())
def test_what_is_no_pair_of_credentials_is_refused(members: dict[str, str]) -> None:
    with pytest.raises(ProviderError) as stopped:
        begin(request_token=form(members | {"oauth_callback_confirmed": "true"}))
    assert (stopped.value.code, stopped.value.status) == ("bad_answer", 502)
    with pytest.raises(ProviderError) as stopped:
        complete(BACK, access_token=form(members))
    assert (stopped.value.code, stopped.value.status) == ("bad_answer", 502)
    assert not any(value in str(stopped.value) for value in members.values() if len(value) > 1)


@pytest.mark.parametrize("name", ["oauth_token", "oauth_token_secret"])
def test_credentials_have_a_longest_and_a_shorter_one_in_a_cookie(name: str) -> None:
    long = {name: "x" * limits.REQUEST_TOKEN}
    started, _, _ = begin(request_token=form(TEMPORARY | long))
    assert "x" * limits.REQUEST_TOKEN in (started.request_token, started.request_secret)
    with pytest.raises(ProviderError, match="too long"):
        begin(request_token=form(TEMPORARY | {name: "x" * (limits.REQUEST_TOKEN + 1)}))
    assert complete(BACK, access_token=form(GRANTED | {name: "x" * limits.ACCESS_TOKEN}))
    with pytest.raises(ProviderError, match="longer than"):
        complete(BACK, access_token=form(GRANTED | {name: "x" * (limits.ACCESS_TOKEN + 1)}))


@pytest.mark.parametrize(
    "body", [b"\xff", b"oauth_token=a&oauth_token=b&oauth_token_secret=c", b"a=1&" * 2001]
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    for leg in (
        lambda: begin(request_token=answer(body)),
        lambda: complete(BACK, access_token=answer(body)),
    ):
        with pytest.raises(ProviderError) as stopped:
            leg()
        assert stopped.value.code == "bad_answer"


def test_an_application_that_the_provider_does_not_know_is_its_operators_business() -> None:
    with pytest.raises(ProviderUnavailable, match="consumer_secret is wrong, or the clock") as it:
        begin(request_token=form(TEMPORARY, 401))
    assert (it.value.code, it.value.status) == ("invalid_client", 503)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_verifier_is_an_attempt_that_is_over(status: int) -> None:
    with pytest.raises(ProviderError) as stopped:
        complete(BACK, access_token=form(GRANTED, status))
    assert type(stopped.value) is ProviderError
    assert (stopped.value.code, stopped.value.status) == ("invalid_grant", 502)


@pytest.mark.parametrize("status", [201, 204, 400, 403, 404, 500])
def test_another_status_than_200_grants_no_request_token(status: int) -> None:
    hint = r"; does it know the consumer_key and the callback's address\?"
    with pytest.raises(ProviderError, match=f"status {status}{hint}") as stopped:
        begin(request_token=form(TEMPORARY, status))
    assert stopped.value.code == "bad_answer"


@pytest.mark.parametrize("status", [201, 204, 404, 500])
def test_another_status_than_200_grants_no_token(status: int) -> None:
    with pytest.raises(ProviderError, match=f"status {status}$") as stopped:
        complete(BACK, access_token=form(GRANTED, status))
    assert stopped.value.code == "bad_answer"


def test_a_provider_that_is_away_is_away() -> None:
    gone = ProviderUnavailable("asking for a request token", "too_slow", status=504)
    with pytest.raises(ProviderUnavailable) as stopped:
        begin(request_token=gone)
    assert stopped.value is gone


# ... and back.


def test_a_grant_comes_home_by_one_token_request_and_one_profile_call() -> None:
    send = network(me=answer({"id": 7, "name": "Ada"}))
    grant = PROVIDER.complete(CLIENT, out(), BACK, send)
    exchange, profile = map(sent, send.sent)

    assert (exchange.method, exchange.url) == ("POST", "https://photos.example/access_token")
    assert exchange.is_by(SECRET, "request-secret")
    assert exchange.oauth["oauth_token"] == "request-token"
    assert exchange.oauth["oauth_verifier"] == "the-verifier"
    assert "oauth_callback" not in exchange.oauth
    assert (profile.method, profile.url) == ("GET", "https://api.photos.example/1/me.json?skip=1")
    assert profile.is_by(SECRET, "its-secret")
    assert profile.oauth["oauth_token"] == "granted"
    assert (grant.provider_id, grant.identity.subject, grant.identity.name) == (
        "photos",
        "7",
        "Ada",
    )
    assert {name: getattr(grant.token, name) for name in HOLDER} == HOLDER
    assert (grant.token.expires_at, grant.token.scopes) == (None, None)


def test_what_the_answer_says_beside_the_token_is_kept_and_its_secrets_stay_hidden() -> None:
    members = GRANTED | {"user_id": "7", "screen_name": "ada", "oauth_session_handle": "h"}
    granted = PROVIDER.complete(CLIENT, out(), BACK, network(access_token=form(members))).token
    assert granted.raw == members
    shown = repr((granted, granted.raw, granted.access_token, granted.secret))
    assert "ada" in shown
    assert not any(each in shown for each in ("'granted'", "its-secret"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_exchange_may_take_parameters_and_be_a_get(method: str) -> None:
    provider = replace(PROVIDER, token_method=method, token_params={"mode": "a b"})
    exchange = sent(complete(BACK, provider).sent[0])
    assert (exchange.method, exchange.is_by(SECRET, "request-secret")) == (method, True)
    assert ("mode", "a b") in exchange.pairs
    assert ("mode=a+b" in exchange.url) is (method == "GET")


@pytest.mark.parametrize(
    "params",
    [
        {"denied": "request-token"},
        {"denied": ""},
        {"oauth_token": "request-token", "oauth_problem": "user_refused"},
        {"oauth_token": "request-token", "oauth_problem": "permission_denied"},
        {"oauth_token": "request-token", "error": "access_denied"},
        BACK | {"denied": "request-token"},
    ],
)
def test_who_pressed_cancel_said_no_in_any_dialect(params: dict[str, str]) -> None:
    send = network()
    with pytest.raises(Denied) as stopped:
        PROVIDER.complete(CLIENT, out(), params, send)
    assert (stopped.value.code, send.sent) == ("denied", [])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "wrong_token"),
        (BACK | {"oauth_token": "foreign"}, "wrong_token"),
        (BACK | {"oauth_token": ""}, "wrong_token"),
        (BACK | {"oauth_token": "Request-token"}, "wrong_token"),
        ({"oauth_verifier": "the-verifier"}, "wrong_token"),
        ({"oauth_token": "request-token"}, "missing_verifier"),
        (BACK | {"oauth_verifier": ""}, "missing_verifier"),
        (BACK | {"oauth_verifier": "half a \ud83d"}, "missing_verifier"),
        ({"oauth_token": "request-token", "oauth_problem": "token_expired"}, "missing_verifier"),
        (BACK | {"error": "server_error"}, "server_error"),
        (BACK | {"error": "words of theirs"}, "unknown_error"),
    ],
)
def test_a38_a_callback_that_is_no_answer_to_the_flow_asks_for_no_token(
    params: dict[str, str], code: str
) -> None:
    send = network()
    with pytest.raises(ProviderError) as stopped:
        PROVIDER.complete(CLIENT, out(), params, send)
    assert (stopped.value.code, stopped.value.status, send.sent) == (code, 502, [])
    assert not any(each in str(stopped.value) for each in ("foreign", "the-verifier", "theirs"))


@pytest.mark.parametrize("verifier", ['"', ", oauth_token=x", "a\r\nX: y", "ü%41", "x" * 9000])
def test_a_verifier_is_whatever_the_callback_says_and_breaks_no_header(verifier: str) -> None:
    exchange = complete(BACK | {"oauth_verifier": verifier}).sent[0]
    assert sent(exchange).oauth["oauth_verifier"] == verifier
    assert sent(exchange).is_by(SECRET, "request-secret")
    assert exchange.headers["Authorization"].isprintable()


def test_a_profile_may_be_read_off_the_token() -> None:
    def told(get: Get, granted: Token) -> Mapping[str, Any]:
        return {"id": granted.raw["user_id"]}

    provider = replace(PROVIDER, profile=told)
    send = network(access_token=form(GRANTED | {"user_id": "7"}))
    assert provider.complete(CLIENT, out(), BACK, send).identity.subject == "7"
    assert send.asked == [PROVIDER.token_url]


def test_who_holds_a_stored_token_is_asked_with_its_signature() -> None:
    send = network()
    stored = token(access_token="granted", secret="its-secret", token_type="OAuth")
    assert PROVIDER.read_identity(CLIENT, stored, send).subject == "7"
    assert sent(send.sent[0]).is_by(SECRET, "its-secret")


def test_a_provider_moves_to_the_sandbox_whole() -> None:
    moved = replace(PROVIDER, signature_method="PLAINTEXT").moved_to("http://localhost:5001/")
    assert moved.request_token_url == "http://localhost:5001/photos/request_token"
    assert moved.authorize_url == "http://localhost:5001/photos/authorize"
    assert moved.token_url == "http://localhost:5001/photos/access_token"
    assert moved.api_url == "http://localhost:5001/photos/api/"
    send = Paper({moved.request_token_url: form(TEMPORARY)})
    moved.begin(CLIENT, flow(), send)
    assert sent(send.sent[0]).oauth["oauth_signature_method"] == "PLAINTEXT"
