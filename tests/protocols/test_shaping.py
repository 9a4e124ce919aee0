"""Token endpoints with words of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flask_social.http import Request
from flask_social.protocols.shaping import as_json, called, nested, of_bearer, spent_at


def test_a_form_becomes_a_json_object() -> None:
    request = Request(url="https://op.example/token", purpose="x", form={"code": "c", "a": "1"})
    shaped = as_json(request)
    assert shaped.form is None
    assert json.loads(shaped.body or b"") == {"code": "c", "a": "1"}
    assert shaped.headers["Content-Type"] == "application/json"
    assert json.loads(as_json(Request(url="x", purpose="x")).body or b"") == {}


def test_members_get_the_names_of_the_standard_and_keep_their_own() -> None:
    shape = called(access_token="accessToken", expires_in="expireIn", scope="none")
    told = {"accessToken": "t", "expireIn": 60}
    assert shape(told) == {**told, "access_token": "t", "expires_in": 60}
    assert told == {"accessToken": "t", "expireIn": 60}


def test_what_is_nested_stands_beside_the_rest() -> None:
    shape = nested("data", access_token="token")
    told = {"code": 0, "data": {"token": "t", "code": 1}}
    assert shape(told) == {"code": 1, "data": told["data"], "token": "t", "access_token": "t"}
    for odd in ({"data": "t"}, {"data": None}, {}):
        assert shape(odd) == odd
    assert shape({"data": [], "token": "t"})["access_token"] == "t"


@pytest.mark.parametrize(
    ("told", "spent"),
    [
        ({"errcode": 40029}, True),
        ({"errcode": 40030, "access_token": "t"}, True),
        ({"errcode": 40031}, False),
        ({}, False),
    ],
)
def test_a_code_of_theirs_means_invalid_grant(told: dict[str, Any], spent: bool) -> None:
    wanted = {"error": "invalid_grant"} if spent else told
    assert spent_at("errcode", (40029, 40030))(told) == wanted


def test_any_other_answer_may_be_shaped_further() -> None:
    shape = spent_at("error.code", ("gone",), nested("data"))
    assert shape({"error": {"code": "gone"}}) == {"error": "invalid_grant"}
    assert shape({"data": {"access_token": "t"}})["access_token"] == "t"


@pytest.mark.parametrize("named", [{"token_type": "User Access Token"}, {}])
def test_a_token_of_a_type_of_their_own_is_a_bearers(named: dict[str, Any]) -> None:
    assert of_bearer({"access_token": "t", **named}) == {
        "access_token": "t",
        "token_type": "Bearer",
    }
