"""ID tokens and UserInfo that only the application can open."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwe import JWERegistry, encrypt_compact
from joserfc.jwk import ECKey, Key, RSAKey

from flask_social import limits
from flask_social.errors import ConfigurationError, ProviderError
from flask_social.protocols.encrypted import ALGORITHMS, KEY, METHODS, Encrypted, decrypted
from flask_social.values import Client, Grant

from .paper import CLIENT, ISSUER, Paper, answer, claims, ec, flow, rsa, sign
from .test_oidc import GRANTED, network

OURS = rsa("ours")
PROVIDER = Encrypted(id="op", name="Op", issuer=ISSUER)


def pem(key: Key) -> str:
    assert isinstance(key, RSAKey | ECKey)
    return key.as_pem(private=True).decode()


def client(key: str) -> Client:
    return replace(CLIENT, more={KEY: key})


def sealed(text: str, key: Key = OURS, **header: Any) -> str:
    """*text*, encrypted to *key*."""
    members = {"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "cty": "JWT", **header}
    registry = JWERegistry(
        algorithms=[members["alg"], members["enc"], "DEF"], strict_check_header=False
    )
    return encrypt_compact(members, text.encode(), key, registry=registry)


def complete(send: Paper, key: str = pem(OURS)) -> Grant:
    return PROVIDER.complete(client(key), flow(), {"code": "c"}, send)


def refusal(send: Paper) -> ProviderError:
    with pytest.raises(ProviderError) as stopped:
        complete(send)
    return stopped.value


CASES = [
    (key, algorithm, method)
    for algorithm in ALGORITHMS
    for method in METHODS
    for key in [OURS if algorithm.startswith("RSA") else ec("P-256")]
]


@pytest.mark.parametrize(("key", "algorithm", "method"), CASES)
def test_what_is_encrypted_to_the_application_is_opened(
    key: Key, algorithm: str, method: str
) -> None:
    token = sealed("a.b.c", key, alg=algorithm, enc=method)
    jwk = json.dumps(key.as_dict(private=True))
    assert decrypted(token, pem(key)) == decrypted(token, jwk) == "a.b.c"


def test_who_signed_in_is_told_inside() -> None:
    send = network(sealed(sign(claims())))
    assert complete(send).identity.subject == "person-1"


def test_userinfo_is_opened_as_well() -> None:
    bare = sign(claims(name=...))
    told = sign({"iss": ISSUER, "aud": CLIENT.id, "sub": "person-1", "name": "Hidden"})
    me = answer(sealed(told).encode(), media="application/jwt")
    assert complete(network(sealed(bare), me=me)).identity.name == "Hidden"


def test_one_that_is_signed_alone_is_believed_for_its_signature() -> None:
    assert complete(network(sign(claims()))).identity.subject == "person-1"
    assert refusal(network(sign(claims(), rsa("two")))).code == "bad_id_token"


@pytest.mark.parametrize(
    "inside",
    [
        sign(claims(), rsa("two")),
        sign(claims(aud="somebody else")),
        sign(claims(nonce="another")),
        json.dumps(claims()),
        "",
        "a.b.c",
    ],
)
def test_an_envelope_vouches_for_nothing_that_is_in_it(inside: str) -> None:
    assert refusal(network(sealed(inside))).code == "bad_id_token"


def test_an_envelope_in_an_envelope_is_none_of_ours() -> None:
    assert refusal(network(sealed(sealed(sign(claims()))))).code == "bad_id_token"


def test_one_for_another_key_stays_shut() -> None:
    token = sealed(sign(claims()), rsa("two"))
    found = refusal(network(token))
    assert (found.code, token in str(found)) == ("bad_id_token", False)
    with pytest.raises(ValueError, match="does not open it"):
        decrypted(token, pem(ec()))


def with_header(token: str, **members: Any) -> str:
    """*token* under another header than it was made with."""
    head, _, rest = token.partition(".")
    known = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    header = json.dumps({**known, **members}).encode()
    return f"{base64.urlsafe_b64encode(header).rstrip(b'=').decode()}.{rest}"


@pytest.mark.parametrize(
    "members",
    [
        {"zip": "DEF"},
        {"crit": ["exp"]},
        {"alg": "dir"},
        {"alg": "RSA1_5"},
        {"alg": "PBES2-HS256+A128KW", "p2c": 2**31},
        {"alg": None},
        {"enc": "A192CBC-HS384"},
        {"enc": 1},
    ],
    ids=repr,
)
def test_a_header_that_changes_the_rules_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"header|does not open"):
        decrypted(with_header(sealed("a.b.c"), **members), pem(OURS))


def test_one_that_was_made_small_is_not_blown_up() -> None:
    token = sealed("x" * 10_000_000, zip="DEF")
    assert len(token) < limits.ID_TOKEN
    with pytest.raises(ValueError, match="changes the rules"):
        decrypted(token, pem(OURS))


@pytest.mark.parametrize("head", ["W10", "bnVsbA", "!", "e30"])
def test_one_whose_header_is_none_is_refused(head: str) -> None:
    token = f"{head}.{sealed('a.b.c').partition('.')[2]}"
    with pytest.raises(ValueError, match=r"header|base64url|does not open"):
        decrypted(token, pem(OURS))


def test_one_that_is_too_long_is_not_opened() -> None:
    token = sealed("x" * limits.ID_TOKEN)
    with pytest.raises(ValueError, match="too long"):
        decrypted(token, pem(OURS))


def test_what_is_inside_is_text() -> None:
    with pytest.raises(ValueError, match="does not open it"):
        decrypted(sealed("ä"), pem(OURS))


@pytest.mark.parametrize("key", ["", "no key", json.dumps(OURS.as_dict(private=False))])
def test_a_key_that_opens_nothing_is_the_operators_mistake(key: str) -> None:
    with pytest.raises(ConfigurationError, match="encryption_key") as stopped:
        complete(network(sealed(sign(claims()))), key)
    assert key == "" or key not in str(stopped.value)


def test_a_refreshed_one_is_opened_too() -> None:
    from flask_social.protocols.refreshing import Known
    from flask_social.values import Token

    send = network(...)
    send.answers[f"{ISSUER}/token"] = answer({**GRANTED, "id_token": sealed(sign(claims()))})
    old = Token(access_token="old", refresh_token="spent", id_token=sealed(sign(claims())))
    known = Known(subject="person-1", issuer=ISSUER)
    assert PROVIDER.refresh(client(pem(OURS)), old, known, send).access_token == "granted"
    known = Known(subject="person-2", issuer=ISSUER)
    with pytest.raises(ProviderError, match="changed"):
        PROVIDER.refresh(client(pem(OURS)), old, known, send)
