"""A callback with words of its own."""

from __future__ import annotations

import pytest

from flask_social.errors import Denied, ProviderError
from flask_social.protocols.callback_words import CallbackWords
from flask_social.protocols.identity import fields

from .paper import CLIENT, Paper, answer, flow

PROVIDER = CallbackWords(
    id="op",
    name="Op",
    token_url="https://op.example/token",
    api_url="https://op.example/",
    profile_call="me",
    identity=fields(subject="id"),
    assume_bearer=True,
    callback_words={"code": "authCode", "error": "error_reason"},
)


def network() -> Paper:
    return Paper(
        {
            PROVIDER.token_url: answer({"access_token": "granted"}),
            f"{PROVIDER.api_url}me": answer({"id": 7}),
        }
    )


@pytest.mark.parametrize(
    "params", [{"authCode": "c"}, {"code": "c"}, {"code": "d", "authCode": "c"}]
)
def test_the_code_goes_by_either_name(params: dict[str, str]) -> None:
    send = network()
    PROVIDER.complete(CLIENT, flow(), params, send)
    assert (send.sent[0].form or {})["code"] == "c"


def test_cancelling_does_too() -> None:
    with pytest.raises(Denied):
        PROVIDER.complete(CLIENT, flow(), {"error_reason": "user_denied"}, network())


def test_a_callback_with_neither_is_refused() -> None:
    with pytest.raises(ProviderError, match="missing_code"):
        PROVIDER.complete(CLIENT, flow(), {}, network())
