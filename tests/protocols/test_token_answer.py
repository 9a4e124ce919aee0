"""What a token endpoint answers."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social import limits
from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Response
from flask_social.protocols import token_answer
from flask_social.protocols.token_answer import FORM, JSON

from .paper import NOW, answer

STEP = "exchanging the code"
GOOD = {"access_token": "a-token", "token_type": "Bearer"}


def refusal(response: Response, media: str = JSON) -> ProviderError:
    with pytest.raises(ProviderError) as stopped:
        token_answer.read_token(token_answer.read_answer(response, media, STEP), STEP)
    assert stopped.value.step == STEP
    return stopped.value


def test_a_whole_answer_is_a_token() -> None:
    members = GOOD | {
        "refresh_token": "r",
        "id_token": "i",
        "expires_in": 3600,
        "scope": "read write",
        "extra": {"kept": True},
    }
    token = token_answer.read_token(members, STEP)
    assert (token.access_token, token.refresh_token, token.id_token) == ("a-token", "r", "i")
    assert token.expires_at == NOW + 3600
    assert token.scopes == ("read", "write")
    assert token.raw["extra"] == {"kept": True}
    assert "a-token" not in repr(token)
    assert repr(token.access_token) == "<secret>"


def test_the_answer_is_kept_whole_and_shows_none_of_its_secrets() -> None:
    members = GOOD | {
        "refresh_token": "s1",
        "oauth_token_secret": "s2",
        "Client_Secret": "s3",
        "password": "s4",
        "session_cookies": "s5",
        "assertion": "s6",
        "page": {"access_token": "s7", "deeper": {"secret": "s8", "id": "7"}},
        "user": {"id": "shown", "token_type": "said"},
        "tokens_left": 5,
        "authtoken": None,
        "tokens": ["s9", {"value": "s10"}],
        "accounts": [{"id": "1", "api_key": "s11"}],
        "oauth_session_handle": "s12",
        "state": "s13",
        "country_state": "shown",
        "shown": ["said", 5],
    }
    raw = token_answer.read_token(members, STEP).raw
    assert raw == members
    assert "'page'" in repr(raw)
    assert all(shown in repr(raw) for shown in ("Bearer", "shown", "said", "5"))
    assert not any(
        f"'{hidden}'" in repr(raw) for hidden in ("a-token", *(f"s{n}" for n in range(1, 14)))
    )


def test_a_bare_answer_is_a_token_of_which_little_is_known() -> None:
    token = token_answer.read_token(GOOD, STEP)
    assert (token.refresh_token, token.id_token, token.expires_at) == (None, None, None)
    assert token.scopes is None


@pytest.mark.parametrize("kind", ["bearer", "Bearer", "bEaReR"])
def test_a_bearer_token_is_one_in_any_case(kind: str) -> None:
    assert token_answer.read_token(GOOD | {"token_type": kind}, STEP).token_type == "Bearer"


@pytest.mark.parametrize("kind", ["mac", "DPoP", "", None, 1, ["Bearer"]])
def test_a_token_of_another_type_is_refused(kind: Any) -> None:
    assert refusal(answer(GOOD | {"token_type": kind})).code == "bad_answer"


def test_a_missing_type_counts_as_bearer_only_where_that_is_known() -> None:
    bare = {"access_token": "a-token"}
    assert refusal(answer(bare)).code == "bad_answer"
    assert token_answer.read_token(bare, STEP, assume_bearer=True).access_token == "a-token"
    with pytest.raises(ProviderError):
        token_answer.read_token(bare | {"token_type": "mac"}, STEP, assume_bearer=True)


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "id_token"])
@pytest.mark.parametrize(
    "value",
    [1, "a b", "a\r\nX: y", "ä", {"a": 1}, ["a"], True, "x" * (limits.ACCESS_TOKEN + 1)],
)
def test_a_token_that_is_no_printable_text_is_refused(name: str, value: Any) -> None:
    assert refusal(answer(GOOD | {name: value})).code == "bad_answer"


def test_a_token_of_64_kib_is_taken() -> None:
    longest = "x" * limits.ACCESS_TOKEN
    assert token_answer.read_token(GOOD | {"access_token": longest}, STEP).access_token == longest


@pytest.mark.parametrize("name", ["refresh_token", "id_token"])
def test_an_empty_token_is_none(name: str) -> None:
    assert getattr(token_answer.read_token(GOOD | {name: ""}, STEP), name) is None


@pytest.mark.parametrize("members", [{}, {"access_token": None}, {"access_token": ""}])
def test_an_answer_without_a_token_is_refused(members: dict[str, Any]) -> None:
    assert "access_token is missing" in refusal(answer({"token_type": "Bearer"} | members)).detail


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("invalid_grant", "invalid_grant"),
        ("bad_verification_code", "invalid_grant"),
        ("bad_word", "unknown_error"),
        ({"message": "Invalid", "code": 100}, "unknown_error"),
        (["invalid_grant"], "unknown_error"),
    ],
)
def test_an_error_counts_whatever_the_status(status: int, error: Any, code: str) -> None:
    stopped = refusal(answer(GOOD | {"error": error, "error_description": "words"}, status))
    assert stopped.code == code
    assert "words" not in str(stopped)


@pytest.mark.parametrize("error", [None, ""])
def test_an_error_that_is_none_is_no_error(error: Any) -> None:
    response = answer(GOOD | {"error": error})
    assert token_answer.read_answer(response, JSON, STEP)["access_token"] == "a-token"


def test_wrong_credentials_make_the_provider_unavailable() -> None:
    stopped = refusal(answer({"error": "invalid_client"}, 401))
    assert isinstance(stopped, ProviderUnavailable)
    assert stopped.code == "invalid_client"
    assert "consumer_secret" in stopped.detail


@pytest.mark.parametrize("status", [201, 302, 400, 404])
def test_another_status_grants_nothing(status: int) -> None:
    assert f"status {status}" in refusal(answer(GOOD, status)).detail
    assert f"status {status}" in refusal(answer(b"<html>", status, "text/html")).detail


@pytest.mark.parametrize(
    "response",
    [
        answer([GOOD]),
        answer(b'{"access_token": "a", "access_token": "b", "token_type": "Bearer"}'),
        answer(b"access_token=a&token_type=bearer", media=FORM),
        answer(b"error=bad_verification_code", media=FORM),
        answer(GOOD, media="text/plain"),
        answer(b"\xff"),
    ],
)
def test_what_is_no_json_object_is_refused(response: Response) -> None:
    assert refusal(response).code == "bad_answer"


def test_a_form_is_read_where_the_provider_declares_it() -> None:
    response = answer(b"access_token=a%20b&scope=&token_type=bearer", media=FORM)
    members = token_answer.read_answer(response, FORM, STEP)
    assert members == {"access_token": "a b", "scope": "", "token_type": "bearer"}


def test_json_is_read_even_where_a_form_is_declared() -> None:
    assert token_answer.read_answer(answer(GOOD), FORM, STEP) == GOOD


@pytest.mark.parametrize("body", [b"a=1&a=2", b"\xff=1", b"&".join([b"a=1"] * 2001)])
def test_a_form_that_cannot_be_trusted_is_refused(body: bytes) -> None:
    assert refusal(answer(body, media=FORM), FORM).code == "bad_answer"


def test_json_under_another_name_is_read_where_the_provider_declares_it() -> None:
    response = answer(GOOD, media="text/javascript")
    assert token_answer.read_answer(response, "text/javascript", STEP) == GOOD


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(3600, 3600), ("3600", 3600), (" 60 ", 60), (59.9, 59), (1, 1)],
)
def test_a_lifetime_becomes_a_moment(expires_in: Any, seconds: int) -> None:
    assert token_answer.read_expiry(expires_in) == NOW + seconds


@pytest.mark.parametrize(
    "expires_in",
    [
        *(None, "", "soon", 0, -1, True, False, [], {}, float("inf"), float("nan"), 10**12),
        *("9" * 5000, "-60", "+60", "6_0", "60.5", "\N{FULLWIDTH DIGIT SIX}", "60\n", "0x3c"),
    ],
)
def test_a_lifetime_that_makes_no_sense_is_unknown(expires_in: Any) -> None:
    assert token_answer.read_expiry(expires_in) is None


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        ("a b", ("a", "b")),
        ("a,b", ("a", "b")),
        (" a,  b ,", ("a", "b")),
        (["a", 1, "b"], ("a", "b")),
        ("", None),
        (" ", None),
        ([], None),
        (None, None),
        (7, None),
    ],
)
def test_scopes_are_read_however_they_are_joined(scope: Any, scopes: Any) -> None:
    assert token_answer.read_scopes(scope) == scopes
