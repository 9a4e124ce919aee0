"""Values that an application kept: a grant in the words of a connection's columns, and back."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social import clock
from flask_social.flows import accounts, offered
from tests.flows.test_accounts import EVERYTHING, grant

TEXTS = (
    "secret",
    "refresh_token",
    "id_token",
    "token_type",
    "scopes",
    "issuer",
    "display_name",
    "full_name",
    "email",
    "profile_url",
    "image_url",
)


def test_columns_and_back_is_the_same_grant() -> None:
    brought = grant("7", **EVERYTHING | {"token_type": "OAuth"})
    back = offered.grant_from(accounts.columns(brought))
    assert back == brought
    assert "<secret>" in repr([back.token.access_token, back.token.secret])
    least = {"provider_id": "acme", "provider_user_id": 7, "access_token": "a", "user_id": 1}
    assert offered.grant_from(least) == grant("7", access_token="a")


@pytest.mark.parametrize("missing", ["provider_id", "provider_user_id", "access_token"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_values_without_provider_account_or_token_are_no_grant(
    missing: str, nothing: str | None
) -> None:
    values = {**accounts.columns(grant(access_token="canary")), missing: nothing}
    with pytest.raises(ValueError, match=f"There is no {missing} to connect by") as caught:
        offered.grant_from(values)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("subject", ["None", "0", "  ", True, {"id": 7}, 7.5, "7" * 256, "7\n"])
def test_values_of_an_account_that_could_be_anybody_s_are_no_grant(subject: Any) -> None:
    values = {**accounts.columns(grant()), "provider_user_id": subject}
    with pytest.raises(ValueError, match="provider_user_id among the values names no account"):
        offered.grant_from(values)


@pytest.mark.parametrize("name", ["access_token", *TEXTS])
@pytest.mark.parametrize("value", [{" secret": "canary"}, ["canary"], b"canary", 7])
def test_what_is_no_text_is_an_error_that_does_not_show_it(name: str, value: Any) -> None:
    values = {**accounts.columns(grant()), name: value}
    with pytest.raises(ValueError, match=f"The {name} among the values is no text") as caught:
        offered.grant_from(values)
    assert "canary" not in str(caught.value)


NO_TIMES = ["now", "5", True, float("nan"), float("inf"), [5], {}, b"5", 5j]


@pytest.mark.parametrize("value", NO_TIMES)
def test_what_is_no_time_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError, match="expires_at among the values is no time"):
        offered.grant_from({**accounts.columns(grant()), "expires_at": value})
    with pytest.raises(ValueError, match="granted_at among the values is no time"):
        offered.is_stale({"granted_at": value})


@pytest.mark.parametrize("said", ["true", "false", "no", 1, [True]])
def test_an_address_is_verified_by_true_and_by_nothing_that_looks_like_it(said: Any) -> None:
    values = accounts.columns(grant(email="anna@acme.test"))
    assert not offered.grant_from({**values, "email_verified": said}).identity.email_verified
    assert offered.grant_from({**values, "email_verified": True}).identity.email_verified


@pytest.mark.parametrize(
    ("granted_at", "is_stale"),
    [(8_200, False), (8_200.5, False), (8_199, True), (10_060, False), (10_061, True)],
)
def test_values_count_for_half_an_hour_and_not_before_they_were_there(
    granted_at: float, is_stale: bool
) -> None:
    with clock.replaced(lambda: 10_000):
        assert offered.is_stale({"granted_at": granted_at}) is is_stale


def test_values_that_do_not_say_since_when_are_the_application_s_affair() -> None:
    assert not offered.is_stale({})
    with pytest.raises(ValueError, match="granted_at"):
        offered.is_stale({"granted_at": None})
