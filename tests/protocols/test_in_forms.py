"""Tokens and secrets that go into forms, or into addresses that are deleted."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social.errors import ConfigurationError
from flask_social.http import Request
from flask_social.protocols import credentials, revoking
from flask_social.protocols.shaping import called, spent_at
from flask_social.values import Client

from .paper import CLIENT, ISSUER, token

POSTED = Request(method="POST", url="https://api.op.example/me", purpose="testing", form={"a": "b"})
ASKED = Request(url="https://api.op.example/me", purpose="testing")


def test_a_token_goes_into_the_form_that_is_posted() -> None:
    request = credentials.in_form("access_token")(POSTED, token(), CLIENT)
    assert request.form == {"a": "b", "access_token": "the-access-token"}
    assert request.headers == {}


@pytest.mark.parametrize(
    ("use", "headers"),
    [
        (credentials.in_form("t"), {"Authorization": "Bearer the-access-token"}),
        (
            credentials.in_form("t", otherwise=credentials.in_header("x-token")),
            {"x-token": "the-access-token"},
        ),
    ],
)
def test_and_onto_any_other_request_as_is_said(use: Any, headers: dict[str, str]) -> None:
    request = use(ASKED, token(), CLIENT)
    assert (request.headers, request.form, request.url) == (headers, None, ASKED.url)


def test_a_secret_may_go_without_the_id() -> None:
    request = credentials.secret_alone(POSTED, CLIENT, ISSUER)
    assert request.form == {"a": "b", "client_secret": CLIENT.secret}
    with pytest.raises(ConfigurationError, match="no consumer_secret"):
        credentials.secret_alone(POSTED, Client(id="our-id"), ISSUER)


def test_a_token_with_an_address_is_deleted_there() -> None:
    asked = revoking.asked_at("https://api.op.example/tokens")
    plain = revoking.deleted_by_name()(asked, token(access_token="a/b"), CLIENT)
    assert (plain.method, plain.url) == ("DELETE", "https://api.op.example/tokens/a%2Fb")


def test_with_what_allows_it() -> None:
    asked = revoking.asked_at("https://api.op.example/tokens")
    shape = revoking.deleted_by_name(key="{client_id}", token="{token}")
    request = shape(asked, token(access_token="t"), CLIENT)
    assert request.url == "https://api.op.example/tokens/t?key=our-id&token=t"


@pytest.mark.parametrize(
    ("answer", "shaped"),
    [
        ({"data": {"code": 7}}, {"error": "invalid_grant"}),
        ({"data": {"code": 8}, "t": "x"}, {"data": {"code": 8}, "t": "x", "access_token": "x"}),
        ({"data": None}, {"data": None}),
    ],
)
def test_an_error_may_stand_deeper(answer: dict[str, Any], shaped: dict[str, Any]) -> None:
    assert spent_at("data.code", (7,), called(access_token="t"))(answer) == shaped
