"""Pushed authorization requests, on paper: RFC 9126."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.protocols import par

from .paper import answer

URN = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"


@pytest.mark.parametrize("status", [200, 201])
def test_the_answer_names_what_stands_for_the_request(status: int) -> None:
    found = par.read_request_uri(answer({"request_uri": URN, "expires_in": 60}, status))
    assert found == URN
    assert URN not in repr(found)


def test_the_request_is_a_post_that_says_what_it_is_for() -> None:
    request = par.asked_at("https://op.example/par")
    assert (request.method, request.url, request.purpose) == (
        "POST",
        "https://op.example/par",
        "pushing the authorization request",
    )


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({}, 201),
        ({"request_uri": ""}, 201),
        ({"request_uri": 7}, 201),
        ({"request_uri": "two words"}, 201),
        ([], 201),
        (b"<html>", 201),
        ({"request_uri": URN}, 202),
        ({"request_uri": URN}, 400),
        (b"<html>", 404),
    ],
)
def test_any_other_answer_is_refused(document: Any, status: int) -> None:
    with pytest.raises(ProviderError, match="bad_answer"):
        par.read_request_uri(answer(document, status))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("invalid_request", "invalid_request"),
        ("invalid_scope", "invalid_scope"),
        ("odd_one", "unknown_error"),
        (["odd"], "unknown_error"),
    ],
)
def test_an_error_is_told_by_its_registered_code(error: Any, code: str) -> None:
    with pytest.raises(ProviderError, match=code) as caught:
        par.read_request_uri(answer({"error": error}, 400))
    assert caught.value.step == par.STEP


@pytest.mark.parametrize(
    "error", ["invalid_client", "invalid_client_metadata", "invalid_redirect_uri"]
)
def test_an_error_about_us_is_the_operators(error: str) -> None:
    with pytest.raises(ProviderUnavailable, match="invalid_client"):
        par.read_request_uri(answer({"error": error}, 401))
