"""The OpenID Foundation's relying-party tests of refresh tokens, by the names of their suite."""

from __future__ import annotations

import pytest

from flask_social.errors import ReconnectNeeded
from tests.freshness import Connected


def test_oidcc_client_test_refresh_token(ada: Connected) -> None:
    before = ada.row()
    ada.expire()
    assert ada.account() == "Ada Lovelace"
    after = ada.row()
    assert ada.asked() == (1, 1)
    for name in ("access_token", "refresh_token", "id_token"):
        assert getattr(after, name) not in (None, getattr(before, name))


def test_oidcc_client_test_refresh_token_invalid_issuer(ada: Connected) -> None:
    discarded(ada, iss="https://invalid.example")


def test_oidcc_client_test_refresh_token_invalid_sub(ada: Connected) -> None:
    discarded(ada, sub="invalid")


def discarded(ada: Connected, **claims: str) -> None:
    """A refreshed ID token with these claims is refused, and with it what came beside it."""
    before = ada.row()
    ada.expire()
    ada.provider.set("claims", **claims)
    with pytest.raises(ReconnectNeeded, match="changed"), ada.api():
        pass
    after = ada.row()
    for name in ("access_token", "refresh_token", "id_token"):
        assert getattr(after, name) == getattr(before, name)
    assert ada.asked() == (1, 0)
