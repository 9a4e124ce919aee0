"""A token of the callback, exchanged for a session by a signed call."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social.errors import Denied, ProviderError, ProviderUnavailable
from flask_social.http import Request
from flask_social.protocols.identity import fields
from flask_social.protocols.session_key import SessionKey, signed, with_session
from flask_social.values import Client, Intent, Token

from .paper import Paper, answer, flow

CLIENT = Client(id="our-id", secret="the-secret")
PROVIDER = SessionKey(
    id="op",
    name="Op",
    authorize_url="https://op.example/auth/",
    token_url="https://ws.op.example/session",
    api_url="https://ws.op.example/",
    profile_call="me?user={token.name}",
    identity=fields(subject="name"),
)
SESSION = {"session": {"subscriber": 0, "name": "ada", "key": "the-key"}}


def network(said: Any = None) -> Paper:
    return Paper(
        {
            PROVIDER.token_url: said or answer(SESSION),
            "https://ws.op.example/me": answer({"name": "ada"}),
        }
    )


def complete(said: Any = None) -> Any:
    return PROVIDER.complete(CLIENT, flow(), {"state": "s", "token": "brought"}, network(said))


def test_people_are_sent_away_with_our_state_inside_the_callback() -> None:
    sent, url = PROVIDER.begin(CLIENT, flow(state=""), Paper({}))
    assert parse_qs(urlsplit(url).query) == {
        "api_key": ["our-id"],
        "cb": [f"https://app.example/login/op?state={sent.state}"],
    }
    assert len(sent.state) == 43
    assert sent.key == sent.state


def test_it_cannot_prove_that_somebody_is_there_now() -> None:
    with pytest.raises(Denied, match="cannot_verify"):
        PROVIDER.begin(CLIENT, flow(intent=Intent.VERIFY), Paper({}))


def test_the_session_is_asked_for_by_a_call_that_is_signed_as_an_oracle_does() -> None:
    send = network()
    token = PROVIDER.complete(CLIENT, flow(), {"token": "brought"}, send).token
    assert send.sent[0].form == {
        "method": "auth.getSession",
        "api_key": "our-id",
        "token": "brought",
        "format": "json",
        # printf 'api_keyour-idmethodauth.getSessiontokenbroughtthe-secret' | openssl dgst -md5
        "api_sig": "6aa8348086c7be24c42c9c57135a2551",
    }
    assert (token.access_token, token.token_type) == ("the-key", "session")
    assert "the-key" not in repr(token.raw)
    assert PROVIDER.revoke(CLIENT, token, send) is False


def test_calls_are_in_the_name_of_the_session() -> None:
    send = network()
    PROVIDER.complete(CLIENT, flow(), {"token": "brought"}, send)
    asked = {name: value for name, [value] in parse_qs(urlsplit(send.sent[1].url).query).items()}
    told = {"user": "ada", "api_key": "our-id", "sk": "the-key", "format": "json"}
    assert asked == signed(told, CLIENT)


def test_what_is_posted_is_signed_in_the_form() -> None:
    request = Request(method="POST", url="https://ws.op.example/", purpose="x", form={"a": "b"})
    posted = with_session(request, Token(access_token="the-key"), CLIENT)
    told = {"a": "b", "api_key": "our-id", "sk": "the-key", "format": "json"}
    assert (posted.form, posted.url) == (signed(told, CLIENT), request.url)


@pytest.mark.parametrize("params", [{}, {"token": ""}, {"state": "s"}])
def test_a_callback_without_a_token_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ProviderError, match="missing_code"):
        PROVIDER.complete(CLIENT, flow(), params, Paper({}))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (answer({"error": 14, "message": "x"}, 403), "invalid_grant"),
        (answer({"error": 4, "message": "x"}), "invalid_grant"),
        (answer({"error": 15, "message": "x"}), "invalid_grant"),
        (answer({"error": 8, "message": "x"}), "unknown_error"),
        (answer({"error": "x"}), "unknown_error"),
        (answer({"error": [4]}), "unknown_error"),
        (answer(SESSION, 500), "bad_answer"),
        (answer({"session": {"name": "ada"}}), "bad_answer"),
        (answer({"session": {"name": "ada", "key": 7}}), "bad_answer"),
        (answer({"session": "x"}), "bad_answer"),
        (answer({}), "bad_answer"),
        (answer([]), "bad_answer"),
        (answer(b"<lfm/>", media="text/xml"), "bad_answer"),
    ],
)
def test_what_is_no_session_is_none(said: Any, code: str) -> None:
    with pytest.raises(ProviderError, match=code):
        complete(said)


@pytest.mark.parametrize("error", [10, 13, 26])
def test_what_the_operator_has_to_mend_is_told_apart(error: int) -> None:
    with pytest.raises(ProviderUnavailable, match="invalid_client"):
        complete(answer({"error": error}, 403))


def test_a_sandbox_plays_it() -> None:
    moved = PROVIDER.moved_to("http://localhost:1/")
    assert moved.token_url == "http://localhost:1/op/token"
    assert moved.played_at == "http://localhost:1/op"
    assert PROVIDER.moved_to("http://localhost:1/", "other").played_at == "http://localhost:1/other"


@pytest.mark.parametrize("brought", ["", "a b", "a\n", "é", "\ud800", "a" * 65_537])
def test_what_is_no_token_is_asked_about_nowhere(brought: str) -> None:
    send = Paper({})
    with pytest.raises(ProviderError, match=r"missing_code|bad_answer"):
        PROVIDER.complete(CLIENT, flow(), {"token": brought}, send)
    assert send.sent == []
