"""What the library alone decides stays, whatever words a configuration has for the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social.errors import ConfigurationError
from flask_social.protocols.base import s256
from flask_social.protocols.held import HELD, SHAPED
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.oauth2 import OAuth2
from flask_social.protocols.oidc import OIDC
from flask_social.registration import register

from .paper import CLIENT, ISSUER, Paper, flow

PROVIDER = OIDC(
    id="op",
    name="Op",
    issuer=ISSUER,
    authorize_url=f"{ISSUER}/authorize",
    token_url=f"{ISSUER}/token",
    jwks_url=f"{ISSUER}/keys",
)


def asked(provider: OAuth2) -> tuple[Any, dict[str, str]]:
    """The flow, and the parameters of the request; none of them is there twice."""
    sent, url = provider.begin(CLIENT, flow(), Paper({}))
    query = parse_qs(urlsplit(url).query, keep_blank_values=True)
    return sent, {name: value for name, [value] in query.items()}


@pytest.mark.parametrize("name", sorted(HELD))
def test_none_of_it_goes_under_another_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"op: renames makes '{name}' 'x'"):
        replace(PROVIDER, renames={name: "x"})


@pytest.mark.parametrize("name", sorted(SHAPED))
def test_nothing_else_goes_under_its_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"op: renames makes 'x' '{name}'"):
        replace(PROVIDER, renames={"x": name})


def test_where_people_come_back_to_is_replaced_by_what_the_provider_gave_and_nothing_else() -> None:
    words = {"runame": "redirect_uri", "redirect_uri": "callback_url"}
    with pytest.raises(ConfigurationError, match="'runame' 'redirect_uri'"):
        replace(PROVIDER, renames=words)
    assert replace(PROVIDER, renames=words, credentials=("runame",)).renames == words


@pytest.mark.parametrize("stock", ["github", "google", "ebay", "wechat"])
@pytest.mark.parametrize("renames", [{"state": "s"}, {"code_challenge": ""}, {"a": "state"}])
def test_a_configuration_that_tries_stops_the_start(stock: str, renames: dict[str, str]) -> None:
    keys = {"consumer_key": "k", "consumer_secret": "s", "renames": renames}
    own = {"runame": "r"} if stock == "ebay" else {}
    with pytest.raises(ConfigurationError, match=rf"SOCIAL_{stock.upper()}.* rename"):
        _ = register(stock, {**keys, **own}, sandbox_url=None, allow_http=False).provider


def nothing(params: dict[str, str]) -> dict[str, str]:
    return {}


def everything(params: dict[str, str]) -> dict[str, str]:
    return dict.fromkeys((*params, "more"), "evil")


def in_place(params: dict[str, str]) -> dict[str, str]:
    params.clear()
    return params


@pytest.mark.parametrize("shape", [nothing, everything, in_place])
def test_a_shape_takes_none_of_it_away_and_puts_nothing_in_its_place(shape: Any) -> None:
    sent, params = asked(replace(PROVIDER, shape_authorize=shape))
    assert {name: params[name] for name in SHAPED if name in params} == {
        "response_type": "code",
        "redirect_uri": sent.callback_url,
        "state": sent.state,
        "nonce": sent.nonce,
        "code_challenge": s256(sent.code_verifier),
        "code_challenge_method": "S256",
    }
    assert params.get("more", "evil") == "evil"


@pytest.mark.parametrize("field", ["request_params", "token_params"])
def test_what_a_signature_says_is_said_nowhere_else(field: str) -> None:
    evil: Any = {field: {"oauth_callback": "https://evil.example/"}}
    with pytest.raises(ConfigurationError, match="op: what begins with oauth_"):
        OAuth1(id="op", name="Op", **evil)
