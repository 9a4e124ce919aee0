"""Calls that are signed by the application's key, answers by the gateway's."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from flask_social.errors import ConfigurationError, Denied, ProviderError
from flask_social.protocols import credentials
from flask_social.protocols.calls import posted
from flask_social.protocols.identity import fields
from flask_social.protocols.refreshing import Known
from flask_social.protocols.rsa2 import Checking, Gateway, check
from flask_social.protocols.shaping import nested
from flask_social.values import Client

from .paper import Paper, answer, ec, flow, rsa, token

OURS, THEIRS = rsa("ours"), rsa("theirs")
CLIENT = Client(id="our-id", private_key=json.dumps(OURS.as_dict(private=True)))
PUBLIC = THEIRS.as_pem(private=False).decode()
URL = "https://op.example/gateway.do"
TOKEN, PROFILE = "the_token_response", "the_profile_response"


def provider(**changes: Any) -> Gateway:
    return Gateway(
        **{
            "id": "op",
            "name": "Op",
            "token_url": URL,
            "api_url": "https://op.example/",
            "renames": {"client_id": "app_id"},
            "callback_words": {"code": "auth_code"},
            "token_params": {"method": "the.token"},
            "shape_token": nested(TOKEN),
            "assume_bearer": True,
            "profile": posted("gateway.do", method="the.profile"),
            "identity": fields(subject=f"{PROFILE}.user_id"),
            **changes,
        }
    )


def said(name: str, members: Mapping[str, Any], key: Any = THEIRS) -> bytes:
    """An answer as the gateway signs it, by an oracle."""
    text = json.dumps(members, separators=(",", ":"))
    signature = key.private_key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f'{{"{name}":{text},"sign":"{base64.b64encode(signature).decode()}"}}'.encode()


GRANTED = said(TOKEN, {"access_token": "granted", "refresh_token": "r", "user_id": "7"})
WHO = said(PROFILE, {"code": "10000", "user_id": "7", "nick_name": "Ада"})


def network(*bodies: bytes) -> Paper:
    left = list(bodies)
    return Paper({URL: lambda request: answer(left.pop(0))})


def is_ours(form: Mapping[str, str]) -> bool:
    """Whether the signature of *form* is good, by an oracle."""
    text = "&".join(f"{name}={form[name]}" for name in sorted(form) if name != "sign")
    key = OURS.public_key
    assert isinstance(key, RSAPublicKey)
    sign = base64.b64decode(form["sign"])
    key.verify(sign, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return True


def test_every_call_is_signed_with_the_application_s_key() -> None:
    send = network(GRANTED, WHO)
    grant = provider().complete(CLIENT, flow(), {"auth_code": "c"}, send)
    asked, profile = (dict(each.form or {}) for each in send.sent)
    assert (grant.identity.subject, grant.token.access_token) == ("7", "granted")
    assert is_ours(asked)
    assert is_ours(profile)
    common = {
        "app_id": "our-id",
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "version": "1.0",
        "timestamp": "2027-01-15 16:00:00",
    }
    assert asked.items() >= {**common, "method": "the.token", "code": "c"}.items()
    assert profile.items() >= {**common, "method": "the.profile", "auth_token": "granted"}.items()
    assert not {"client_id", "client_secret"} & asked.keys()


def test_so_is_a_refresh() -> None:
    send = network(GRANTED)
    known = Known(subject="7")
    got = provider().refresh(CLIENT, token(refresh_token="old"), known, send)
    assert got.access_token == "granted"
    assert is_ours(send.sent[0].form or {})


def test_cancelling_is_told_apart() -> None:
    with pytest.raises(Denied):
        provider().complete(CLIENT, flow(), {"error": "access_denied"}, network())


@pytest.mark.parametrize("key", [PUBLIC, "".join(PUBLIC.splitlines()[1:-1])])
def test_an_answer_that_the_gateway_signed_is_taken(key: str) -> None:
    op = provider(gateway_key=key)
    grant = op.complete(CLIENT, flow(), {"auth_code": "c"}, network(GRANTED, WHO))
    assert grant.identity.subject == "7"
    known = Known(subject="7")
    assert op.refresh(CLIENT, token(refresh_token="r"), known, network(GRANTED))


def test_what_somebody_else_signed_is_not() -> None:
    op = provider(gateway_key=PUBLIC)
    for bodies in ([said(TOKEN, {"access_token": "x"}, OURS)], [GRANTED, said(PROFILE, {}, OURS)]):
        with pytest.raises(ProviderError, match="bad_signature"):
            op.complete(CLIENT, flow(), {"auth_code": "c"}, network(*bodies))
    with pytest.raises(ProviderError, match="bad_signature"):
        op.refresh(
            CLIENT, token(refresh_token="r"), Known(subject="7"), network(b'{"x":{},"sign":""}')
        )


@pytest.mark.parametrize(
    "body",
    [
        GRANTED.replace(b'"7"', b'"8"'),
        GRANTED.replace(b"{", b"{ ", 1),
        GRANTED.replace(b'":{', b'": {', 1),
        GRANTED[:-1] + b',"the_profile_response":{"user_id":"8"}}',
        b'{"the_profile_response":{"user_id":"8"},' + GRANTED[1:],
        b'{"sign":"","the_token_response":{}}',
        b'{"the_token_response":{}}',
        b'{"the_token_response":{},"sign":7}',
        b'{"the_token_response":{},"sign":"no base64"}',
        b'{"sign":"x"}',
        b"{}",
    ],
)
def test_nor_is_what_was_changed_on_the_way(body: bytes) -> None:
    with pytest.raises(ProviderError, match="bad_signature"):
        check(answer(body), PUBLIC, "testing")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"a":{},"a":{}}', b"\xff"])
def test_nor_is_what_nobody_can_read(body: bytes) -> None:
    with pytest.raises(ProviderError, match="bad_answer"):
        check(answer(body), PUBLIC, "testing")


def test_a_certificate_s_number_may_stand_beside() -> None:
    check(answer(GRANTED[:-1] + b',"alipay_cert_sn":"x"}'), PUBLIC, "testing")


def test_what_is_kept_is_kept_below() -> None:
    send = network(GRANTED)
    request = provider().token_request(
        provider().endpoints(send),
        CLIENT,
        flow(),
        provider().read_callback(provider().endpoints(send), {"auth_code": "c"}),
    )
    assert Checking(send, PUBLIC).cached(request, lambda response: response.body) == GRANTED


@pytest.mark.parametrize("key", ["no key", ec().as_pem(private=False).decode(), "-----"])
def test_a_gateway_s_key_that_is_none_is_the_operator_s_mistake(key: str) -> None:
    with pytest.raises(ConfigurationError, match="no RSA key"):
        check(answer(GRANTED), key, "testing")


@pytest.mark.parametrize("key", [None, "no key"])
def test_so_is_an_application_s(key: str | None) -> None:
    with pytest.raises(ConfigurationError, match="private_key"):
        credentials.rsa_signature(b"x", Client(id="our-id", private_key=key))


def test_and_one_of_another_kind() -> None:
    client = Client(id="our-id", private_key=json.dumps(ec().as_dict(private=True)))
    with pytest.raises(ConfigurationError, match="no RSA key"):
        credentials.rsa_signature(b"x", client)
