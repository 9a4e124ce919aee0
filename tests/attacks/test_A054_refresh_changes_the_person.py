"""A54: the answer to a refresh is for somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social.errors import ReconnectNeeded
from tests.freshness import Connected, MakeConnected

OTHERS: list[dict[str, Any]] = [
    {"sub": "another person"},
    {"iss": "https://evil.example"},
    {"aud": "another application"},
    {"aud": ["acme key", "another application"]},
    {"azp": "another application"},
]


@pytest.mark.parametrize("claims", OTHERS)
def test_A054_the_answer_is_discarded_and_the_connection_is_broken(
    ada: Connected, claims: dict[str, Any]
) -> None:
    ada.expire()
    before = ada.row()
    ada.provider.set("claims", **claims)
    for reason in ("changed", "needs_reauth"):
        with pytest.raises(ReconnectNeeded, match=reason), ada.api():
            pass
    after = ada.row()
    for name in ("access_token", "refresh_token", "id_token", "expires_at", "provider_user_id"):
        assert getattr(after, name) == getattr(before, name)
    assert after.needs_reauth
    assert ada.broken() == ["changed"]
    assert ada.asked() == (1, 0)
    ada.provider.honest()
    ada.browser.trip("/reconnect/acme")
    assert ada.account() == "Ada Lovelace"


def test_A054_without_an_earlier_id_token_the_row_knows_the_person(ada: Connected) -> None:
    ada.expire()
    ada.write(id_token=None)
    ada.provider.set("claims", sub="another person")
    with pytest.raises(ReconnectNeeded, match="changed"), ada.api():
        pass
    assert ada.row().needs_reauth


def test_A054_a_401_does_not_get_around_it(ada: Connected) -> None:
    del ada.provider.access_tokens[str(ada.row().access_token)]
    ada.provider.set("claims", sub="another person")
    with ada.api() as api, pytest.raises(ReconnectNeeded, match="changed"):
        api.get("whatever")
    assert ada.asked() == (1, 1)
    assert ada.row().needs_reauth


def test_A054_a_refresh_token_does_not_go_to_another_issuer(
    make_connected: MakeConnected,
) -> None:
    ada = make_connected()
    ada.expire()
    ada.write(issuer="https://former.example")
    with pytest.raises(ReconnectNeeded, match="changed"), ada.api():
        pass
    assert ada.asked() == (0, 0)
    assert not ada.row().needs_reauth
