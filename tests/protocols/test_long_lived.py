"""A token is exchanged for a lasting one, and that for the next one, as Meta has it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social.errors import ProviderError
from flask_social.http import Request
from flask_social.protocols.identity import fields
from flask_social.protocols.long_lived import LongLived
from flask_social.protocols.refreshing import Known
from flask_social.values import Grant, Intent

from .paper import CLIENT, NOW, Paper, answer, flow, token

DAY = 86_400
TOKEN, EXCHANGE = "https://op.example/token", "https://graph.op.example/exchange"
RENEWAL, ME = "https://graph.op.example/renewal", "https://graph.op.example/me"


def provider(**changes: Any) -> LongLived:
    return LongLived(
        **{
            "id": "op",
            "name": "Op",
            "token_url": TOKEN,
            "api_url": "https://graph.op.example/",
            "profile_call": "me",
            "identity": fields(subject="id"),
            "assume_bearer": True,
            "exchange_grant": "long",
            "exchange_url": EXCHANGE,
            "renewal_grant": "longer",
            "refresh_url": RENEWAL,
            **changes,
        }
    )


def network(**answers: Any) -> Paper:
    said = {
        TOKEN: answer({"access_token": "short", "scope": "a", "expires_in": 3600}),
        EXCHANGE: answer({"access_token": "lasting", "expires_in": 60 * DAY}),
        RENEWAL: answer({"access_token": "next", "expires_in": 60 * DAY}),
        ME: answer({"id": "7"}),
    }
    return Paper({**said, **answers})


def complete(op: LongLived, send: Paper, intent: Intent) -> Grant:
    return op.complete(CLIENT, flow(intent=intent), {"code": "c"}, send)


def query_of(request: Request) -> dict[str, str]:
    return {name: each for name, [each] in parse_qs(urlsplit(request.url).query).items()}


@pytest.mark.parametrize("intent", [Intent.CONNECT, Intent.RECONNECT])
def test_the_token_of_an_account_that_is_connected_is_exchanged(intent: Intent) -> None:
    send = network()
    got = complete(provider(), send, intent).token
    assert send.asked == [TOKEN, EXCHANGE, ME]
    assert (send.sent[1].method, query_of(send.sent[1])) == (
        "GET",
        {"grant_type": "long", "client_secret": CLIENT.secret, "access_token": "short"},
    )
    assert send.sent[2].headers["Authorization"] == "Bearer lasting"
    assert (got.access_token, got.refresh_token, got.scopes) == ("lasting", "lasting", ("a",))
    assert got.expires_at == NOW + 30 * DAY, "due when half its life is over"


@pytest.mark.parametrize("op", [provider(offline=False), provider()])
def test_a_token_for_a_plain_login_is_not(op: LongLived) -> None:
    send = network()
    intent = Intent.LOGIN if op.offline is None else Intent.CONNECT
    got = complete(op, send, intent).token
    assert send.asked == [TOKEN, ME]
    assert (got.access_token, got.refresh_token) == ("short", None)


def test_one_that_cannot_be_renewed_is_asked_for_like_any_other_and_lasts_to_its_end() -> None:
    def page(request: Request) -> Any:
        kind = (request.form or {})["grant_type"]
        told = {"access_token": kind, "expires_in": 60 * DAY}
        return answer(told)

    op = provider(exchange_url="", exchange_params={"fb": "{token}"}, renewal_grant=None)
    send = network(**{TOKEN: page})
    got = complete(op, send, Intent.CONNECT).token
    assert send.sent[1].form == {
        "grant_type": "long",
        "fb": "authorization_code",
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
    }
    assert (got.access_token, got.refresh_token) == ("long", None)
    assert got.expires_at == NOW + 60 * DAY


def test_a_lasting_token_is_renewed_by_itself() -> None:
    send = network()
    held = token(access_token="old", refresh_token="old", scopes=("a",))
    got = provider().refresh(CLIENT, held, Known(subject="7"), send)
    assert query_of(send.sent[0]) == {"grant_type": "longer", "access_token": "old"}
    assert (got.access_token, got.refresh_token, got.scopes) == ("next", "next", ("a",))
    assert got.expires_at == NOW + 30 * DAY


def test_one_of_which_nobody_says_when_it_ends_is_never_due() -> None:
    send = network(**{RENEWAL: answer({"access_token": "next"})})
    held = token(refresh_token="old")
    assert provider().refresh(CLIENT, held, Known(subject="7"), send).expires_at is None


@pytest.mark.parametrize("status", [400, 401])
def test_one_that_is_of_no_use_any_more_needs_the_person(status: int) -> None:
    error = {"error": {"message": "x", "type": "OAuthException", "code": 190}}
    send = network(**{RENEWAL: answer(error, status)})
    with pytest.raises(ProviderError, match="invalid_grant"):
        provider().refresh(CLIENT, token(refresh_token="old"), Known(subject="7"), send)


@pytest.mark.parametrize(
    "said",
    [
        answer({"error": {"code": 4}}, 400),
        answer({"error": {"message": "x"}}, 400),
        answer({"error": "x"}, 400),
        answer({}, 400),
        answer([], 400),
        answer(b"no", 400, "text/html"),
        answer({"error": {"code": 190}}, 403),
        answer({"error": {"code": 190}}),
    ],
)
def test_any_other_error_may_pass(said: Any) -> None:
    with pytest.raises(ProviderError, match=r"unknown_error|bad_answer"):
        provider().refresh(
            CLIENT, token(refresh_token="old"), Known(subject="7"), network(**{RENEWAL: said})
        )


def test_a_sandbox_plays_the_exchange_too() -> None:
    moved = provider().moved_to("http://localhost:1/")
    assert moved.exchange_url == "http://localhost:1/op/exchange"
    assert moved.refresh_url == "http://localhost:1/op/refresh"
    assert provider(exchange_url="").moved_to("http://localhost:1/").exchange_url == ""


def test_a_token_that_nothing_renews_is_asked_for_nowhere() -> None:
    send, held = network(), token(refresh_token="from elsewhere")
    with pytest.raises(ProviderError, match="invalid_grant"):
        provider(renewal_grant=None).refresh(CLIENT, held, Known(subject="7"), send)
    assert send.sent == []
