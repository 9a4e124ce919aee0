"""A037: a hostile provider cannot use what proves to it who we are at an honest one.

Both know the application by the same id and the same key, so that nothing but the audience of an
assertion says for whom it was made.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from flask_social.protocols.credentials import ClientAuth, signed, signed_for_endpoint
from flask_social.protocols.oidc import OIDC
from flask_social.sandbox.provider import Client
from flask_social.testing import ServedSandbox
from tests.attacks.logins import U1
from tests.bed import Bed

HONEST, HOSTILE = "op-a", "op-b"
OURS = "the application"
AUTHS = [signed, signed_for_endpoint]


@cache
def key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "ours"})


@pytest.fixture(params=AUTHS, ids=["for the issuer", "for the endpoint"])
def client_auth(request: pytest.FixtureRequest) -> ClientAuth:
    chosen: ClientAuth = request.param
    return chosen


@pytest.fixture
def pair(make_bed: Callable[..., Bed], box: ServedSandbox, client_auth: ClientAuth) -> Bed:
    """An application that both providers know, with U1 among its users."""
    keys: dict[str, Any] = {}
    for each in (HONEST, HOSTILE):
        issuer = f"{box.url}{each}"
        provider = OIDC(id=each, name=each, issuer=issuer, client_auth=client_auth)
        keys[f"SOCIAL_{each.upper()}"] = {
            "consumer_key": OURS,
            "private_key": key().as_pem(private=True).decode(),
            "module": SimpleNamespace(provider=provider),
        }
        public = key().as_pem(private=False).decode()
        box[each].register_client(Client(id=OURS, public_key=public))
    bed = make_bed(**keys)
    bed.add_user(U1)
    return bed


def captured(bed: Bed, provider_id: str) -> dict[str, dict[str, str]]:
    """The forms that *provider_id* was sent, by its endpoint."""
    forms = {}
    for each in bed.sandbox.requests:
        if each.provider == provider_id and "client_assertion" in each.body:
            forms[each.endpoint] = {name: value[0] for name, value in parse_qs(each.body).items()}
    return forms


def claims(form: dict[str, str]) -> dict[str, Any]:
    return jwt.decode(form["client_assertion"], key(), algorithms=["ES256"]).claims


def test_A037_every_assertion_is_for_one_provider_alone_and_once(
    pair: Bed, client_auth: ClientAuth
) -> None:
    home = f"{pair.sandbox.url}{HOSTILE}"
    browser = pair.browser().sign_in(U1)
    assert browser.trip(f"/connect/{HOSTILE}").status_code == 303
    assert browser.post(f"/disconnect/{HOSTILE}").status_code == 303
    forms = captured(pair, HOSTILE)
    assert set(forms) == {"token", "revoke"}
    told = [claims(each) for each in forms.values()]
    by_endpoint = client_auth is signed_for_endpoint
    wanted = [f"{home}/{each}" for each in forms] if by_endpoint else [home, home]
    assert [each["aud"] for each in told] == wanted
    assert all(each["exp"] - each["iat"] <= 300 for each in told)
    assert len({each["jti"] for each in told}) == len(told)


def test_A037_what_a_hostile_provider_captures_opens_nothing_at_an_honest_one(pair: Bed) -> None:
    browser = pair.browser().sign_in(U1)
    code = browser.at_provider(browser.set_out(f"/connect/{HONEST}"))
    browser.trip(f"/connect/{HOSTILE}")
    browser.post(f"/disconnect/{HOSTILE}")
    for form in captured(pair, HOSTILE).values():
        stolen = {**form, "grant_type": "authorization_code", **_of(code)}
        answer = requests.post(f"{pair.sandbox.url}{HONEST}/token", data=stolen, timeout=60)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def _of(callback: str) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(callback.partition("?")[2]).items()}


def test_A037_metadata_that_name_an_honest_endpoint_get_nobody_in(pair: Bed) -> None:
    honest = f"{pair.sandbox.url}{HONEST}"
    pair.sandbox[HOSTILE].set("discovery", token_endpoint=f"{honest}/token")
    browser = pair.browser().sign_in(U1)
    answer = browser.trip(f"/connect/{HOSTILE}")
    assert answer.status_code in (502, 503)
    assert pair.rows() == []
    assert captured(pair, HOSTILE) == {}
    [sent] = captured(pair, HONEST).values()
    assert claims(sent)["aud"] in (f"{pair.sandbox.url}{HOSTILE}", f"{honest}/token")
    assert pair.sandbox[HONEST].access_tokens == {}
