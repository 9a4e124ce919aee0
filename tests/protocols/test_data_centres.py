"""A provider in several data centres is asked at the one that has the code, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social.errors import Denied, ProviderError
from flask_social.protocols.data_centres import DataCentres
from flask_social.protocols.identity import fields
from flask_social.protocols.refreshing import Known

from .paper import CLIENT, Paper, answer, flow, token

FIRST, SECOND = "https://accounts.op.example", "https://accounts.op.test"
PROVIDER = DataCentres(
    id="op",
    name="Op",
    authorize_url=f"{FIRST}/authorize",
    token_url=f"{FIRST}/token",
    revoke_url=f"{FIRST}/revoke",
    api_url=f"{FIRST}/",
    profile_call="me",
    identity=fields(subject="id"),
    kept="server",
    centres=(FIRST, SECOND),
)
GRANTED = {"access_token": "granted", "token_type": "bearer"}


def network(home: str) -> Paper:
    return Paper(
        {
            f"{home}/token": answer(GRANTED),
            f"{home}/revoke": answer({}),
            f"{home}/me": answer({"id": 7}),
        }
    )


@pytest.mark.parametrize("centre", [FIRST, SECOND])
def test_code_and_profile_are_had_at_the_centre_that_the_callback_names(centre: str) -> None:
    send = network(centre)
    grant = PROVIDER.complete(CLIENT, flow(), {"code": "c", "server": centre}, send)
    assert send.asked == [f"{centre}/token", f"{centre}/me"]
    assert grant.token.secret == centre


@pytest.mark.parametrize(
    "named",
    [
        "https://evil.example",
        "https://accounts.op.test.evil.example",
        f"{SECOND}/",
        f"{SECOND}@evil.example",
        SECOND.upper(),
        "http://accounts.op.test",
    ],
)
def test_nobody_else_is_sent_the_secret(named: str) -> None:
    send = Paper({})
    with pytest.raises(ProviderError, match="wrong_server"):
        PROVIDER.complete(CLIENT, flow(), {"code": "c", "server": named}, send)
    assert send.sent == []


@pytest.mark.parametrize("params", [{"code": "c"}, {"code": "c", "server": ""}])
def test_a_callback_that_names_none_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ProviderError, match=r"missing_parameter|wrong_server"):
        PROVIDER.complete(CLIENT, flow(), params, Paper({}))


def test_who_cancelled_has_no_centre() -> None:
    with pytest.raises(Denied):
        PROVIDER.complete(CLIENT, flow(), {"error": "access_denied"}, Paper({}))


@pytest.mark.parametrize(("kept", "home"), [(SECOND, SECOND), (FIRST, FIRST), (None, FIRST)])
def test_a_token_is_refreshed_and_given_back_where_it_is_from(kept: Any, home: str) -> None:
    send, held = network(home), token(secret=kept, refresh_token="r")
    renewed = PROVIDER.refresh(CLIENT, held, Known(subject="7"), send)
    assert PROVIDER.revoke(CLIENT, renewed, send)
    assert send.asked == [f"{home}/token", f"{home}/revoke"]
    assert renewed.secret == kept


def test_a_row_that_names_another_server_is_not_believed_either() -> None:
    held = token(secret="https://evil.example", refresh_token="r")
    with pytest.raises(ProviderError, match="wrong_server"):
        PROVIDER.refresh(CLIENT, held, Known(subject="7"), Paper({}))


def test_a_sandbox_plays_all_of_them_at_one_place() -> None:
    moved = PROVIDER.moved_to("http://localhost:1/")
    assert moved.at(SECOND).token_url == "http://localhost:1/op/token"
    with pytest.raises(ProviderError, match="wrong_server"):
        moved.at("https://evil.example")


def test_an_api_is_called_at_the_centre_that_gave_the_token() -> None:
    assert PROVIDER.api_home(token(secret=SECOND)) == f"{SECOND}/"
    assert PROVIDER.api_home(token()) == f"{FIRST}/"
    with pytest.raises(ProviderError, match="wrong_server"):
        PROVIDER.api_home(token(secret="https://evil.example"))
