"""Client authentication: each method alone, and nothing else."""

from __future__ import annotations

import base64
import secrets
import time
from typing import Any
from urllib.parse import quote_plus

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from flask_social.sandbox import Client

from .walk import CALLBACK, VERIFIER, Walk

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = RSAKey.generate_key(2048, private=True)


def basic(client_id: str, secret: str) -> dict[str, str]:
    text = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def redeem(walk: Walk, who: str, headers: dict[str, str], **form: str) -> requests.Response:
    code = walk.back(client_id=who)["code"]
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **form,
    }
    return walk.post("token", data, headers=headers)


def test_the_first_secret_is_remembered(acme: Walk) -> None:
    assert acme.token(acme.back()["code"], client_secret="first").status_code == 200
    wrong = acme.token(acme.back()["code"], client_secret="second")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert acme.token(acme.back()["code"], client_secret="first").status_code == 200


def test_a_client_with_a_secret_cannot_come_without(acme: Walk) -> None:
    acme.tokens()
    assert acme.token(acme.back()["code"], client_secret=None).status_code == 401


def test_a_public_client_comes_without(acme: Walk) -> None:
    assert redeem(acme, "phone", {}, client_id="phone").status_code == 200


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [("app", "secret"), ("a:b", "c:d"), ("a%b", "50% + x"), ("sp ace", "Gödel"), ("a+b", "c&d=e")],
)
def test_basic_credentials_are_form_decoded(acme: Walk, client_id: str, secret: str) -> None:
    acme.box["acme"].register_client(Client(id=client_id, secret=secret))
    assert redeem(acme, client_id, basic(client_id, secret)).status_code == 200


def test_wrong_basic_credentials_get_a_challenge(acme: Walk) -> None:
    acme.box["acme"].register_client(Client(id="app", secret="right"))
    answer = redeem(acme, "app", basic("app", "wrong"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    for malformed in ("Basic !!!", "Basic YWJj"):
        assert redeem(acme, "app", {"Authorization": malformed}).status_code == 401


def test_two_methods_at_once_are_refused(acme: Walk) -> None:
    answer = redeem(acme, "app", basic("app", "s"), client_id="app", client_secret="s")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_basic_with_another_client_id_in_the_form_is_refused(acme: Walk) -> None:
    assert redeem(acme, "app", basic("app", "s"), client_id="app").status_code == 200
    answer = redeem(acme, "app", basic("app", "s"), client_id="other")
    assert answer.json()["error"] == "invalid_request"


def test_a_method_that_the_provider_or_client_lacks_is_refused(acme: Walk) -> None:
    linkedin = Walk(acme.box, "linkedin")
    assert redeem(linkedin, "app", basic("app", "s")).status_code == 401
    only = Client(id="app", secret="s", auth_methods=("client_secret_post",))
    acme.box["acme"].register_client(only)
    assert redeem(acme, "app", basic("app", "s")).status_code == 401


def assertion(walk: Walk, alg: str = "RS256", key: Any = KEY, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "app",
        "sub": "app",
        "aud": f"{walk.box.url}acme",
        "iat": now,
        "exp": now + 600,
        "jti": secrets.token_hex(),
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg}, claims, key, algorithms=[alg])


def assert_with(walk: Walk, text: str, **form: str) -> int:
    fields = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text, **form}
    return redeem(walk, "app", {}, **fields).status_code


@pytest.mark.parametrize("private", [False, True])
def test_an_assertion_is_good_once(acme: Walk, private: bool) -> None:
    key = KEY.as_pem(private=private).decode()
    acme.box["acme"].register_client(Client(id="app", public_key=key))
    text = assertion(acme)
    assert assert_with(acme, text) == 200
    assert assert_with(acme, text) == 401
    assert assert_with(acme, assertion(acme), client_id="app") == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["http://here.test", "http://there.test"]},
        {"aud": "https://other.test"},
        {"exp": None},
        {"exp": 1},
        {"jti": None},
        {"iss": "other"},
    ],
)
def test_an_assertion_is_for_here_and_now(acme: Walk, changes: dict[str, Any]) -> None:
    register_key(acme)
    assert assert_with(acme, assertion(acme, **changes)) == 401


def register_key(walk: Walk) -> None:
    jwk = RSAKey.import_key(KEY.as_dict(private=False))
    text = str(jwk.as_dict(private=False)).replace("'", '"')
    walk.box["acme"].register_client(Client(id="app", public_key=text))


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("ES256", ECKey.generate_key("P-256", private=True)),
        ("Ed25519", OKPKey.generate_key("Ed25519", private=True)),
    ],
)
def test_assertions_by_elliptic_curves_are_good(acme: Walk, alg: str, key: ECKey | OKPKey) -> None:
    pem = key.as_pem(private=False).decode()
    acme.box["acme"].register_client(Client(id="app", public_key=pem))
    assert assert_with(acme, assertion(acme, alg, key)) == 200


def test_a_registered_key_that_is_none_verifies_nothing(acme: Walk) -> None:
    for text in ('{"kty": "oct", "k": "YS1zZWNyZXQtdGhhdC1pcy1sb25nLWVub3VnaA"}', "no key"):
        acme.box["acme"].register_client(Client(id="app", public_key=text))
        assert assert_with(acme, assertion(acme)) == 401


def test_an_assertion_by_another_key_or_of_no_form_is_refused(acme: Walk) -> None:
    register_key(acme)
    stranger = RSAKey.generate_key(2048, private=True)
    claims = {"iss": "app", "sub": "app", "aud": f"{acme.box.url}acme", "jti": "x"}
    forged = jwt.encode({"alg": "RS256"}, claims | {"exp": int(time.time()) + 600}, stranger)
    assert assert_with(acme, forged) == 401
    assert assert_with(acme, "no.jwt") == 401
    assert assert_with(acme, assertion(acme), client_assertion_type="other") == 401


def test_a_client_with_a_key_cannot_make_up_a_secret(acme: Walk) -> None:
    register_key(acme)
    assert acme.token(acme.back()["code"]).status_code == 401
