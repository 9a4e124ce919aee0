"""A connection's token is given back, or it is known why not; nothing is raised."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from flask_social.errors import ConfigurationError, ProviderError, ProviderUnavailable
from flask_social.flows.revocation import (
    NothingToRevoke,
    NotRevoked,
    Revoked,
    held_token,
    revoke,
)
from flask_social.http import Send
from flask_social.values import Client, Token, Unreadable
from tests.protocols.paper import CLIENT, Paper, token


class Op:
    """A provider of an application's own, which answers or raises."""

    def __init__(self, said: Any) -> None:
        self.said = said
        self.asked: list[Token] = []

    def revoke(self, client: Client, token: Token, send: Send) -> bool:
        self.asked.append(token)
        if isinstance(self.said, Exception):
            raise self.said
        return bool(self.said)


def test_a_provider_that_takes_it_is_asked_once() -> None:
    provider, held = Op(True), token()
    assert revoke(provider, CLIENT, held, Paper({})) == Revoked()
    assert provider.asked == [held]


def test_without_a_token_nobody_is_asked() -> None:
    provider = Op(True)
    assert revoke(provider, CLIENT, None, Paper({})) == NothingToRevoke()
    assert provider.asked == []


def test_a_provider_may_have_no_way() -> None:
    assert revoke(Op(False), CLIENT, token(), Paper({})) == NothingToRevoke()
    assert revoke(object(), CLIENT, token(), Paper({})) == NothingToRevoke()


@pytest.mark.parametrize(
    "error",
    [ProviderError("revoking", "refused"), ProviderUnavailable("revoking", "too_slow", status=504)],
)
def test_what_the_provider_did_instead_is_told(error: ProviderError) -> None:
    provider = Op(error)
    assert revoke(provider, CLIENT, token(), Paper({})) == NotRevoked(error)
    assert len(provider.asked) == 1


@pytest.mark.parametrize("error", [KeyError("the-access-token"), ConfigurationError("no secret")])
def test_an_own_provider_that_breaks_is_told_by_the_kind_of_error(error: Exception) -> None:
    done = revoke(Op(error), CLIENT, token(), Paper({}))
    assert isinstance(done, NotRevoked)
    assert str(done.error) == f"failed: revoking the token: {type(error).__name__}"


# What a row holds.


def row(**columns: Any) -> Any:
    return SimpleNamespace(**columns)


def test_a_row_s_token_is_what_it_has_columns_for() -> None:
    held = held_token(row(access_token="a", secret="s", refresh_token="r"))
    assert held == Token(access_token="a", secret="s", refresh_token="r")
    assert held_token(row(access_token="a", secret=None)) == Token(access_token="a")


def test_one_of_the_two_will_do() -> None:
    held = held_token(row(access_token=None, refresh_token="r"))
    assert held is not None
    assert (held.access_token, held.refresh_token) == ("", "r")


@pytest.mark.parametrize(
    "columns",
    [
        {"access_token": None},
        {"access_token": Unreadable()},
        {"access_token": Unreadable(), "refresh_token": Unreadable(), "secret": "s"},
    ],
)
def test_what_nobody_can_read_is_not_there(columns: dict[str, Any]) -> None:
    assert held_token(row(**columns)) is None


def test_what_is_read_shows_no_secret() -> None:
    assert "hush" not in repr(held_token(row(access_token="hush a", refresh_token="hush r")))
