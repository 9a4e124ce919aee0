"""A042 and A043: what the header of an ID token says decides nothing but which key is tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from flask_social import clock
from flask_social.sandbox.keys import b64, rsa_jwk
from flask_social.testing import ServedSandbox
from tests.attacks.logins import accepted, linked, linked_once, refused, refused_until_honest
from tests.bed import Bed

MINUTE, HOUR = 60, 3_600
"""Between two refetches; as long as keys are fresh."""
UNKNOWN = [
    "unknown",
    "../../dev/null",
    "' OR '1'='1' --",
    "\x00",
    "https://evil.example/jwks",
    "",
]
NO_TEXT = [7, True, None, ["acme-0"], {"kid": "acme-0"}, "k" * 102_400]


@pytest.fixture
def now() -> Iterator[list[int]]:
    """The time, which stands still until a test changes it."""
    moment = [clock.now()]
    with clock.replaced(lambda: moment[0]):
        yield moment


@pytest.fixture(scope="module")
def _linked(served_sandbox: ServedSandbox) -> Iterator[Bed]:
    with linked_once(served_sandbox) as bed:
        yield bed


@pytest.fixture
def kept(_linked: Bed, box: ServedSandbox) -> Bed:
    """U1 at ``acme``, whose keys are known already."""
    box.reset_counters()
    _linked.told.clear()
    return _linked


def one_more_published(jwks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A key set with another key beside, which claims to be of this kid or purpose."""
    return {"keys": [{**rsa_jwk("acme-spare"), **changes}, *jwks["keys"]]}


def test_A042_no_kid_is_enough_where_there_is_one_key(kept: Bed, box: ServedSandbox) -> None:
    box["acme"].delete("header", "kid")
    accepted(kept)


def test_A042_no_kid_among_three_keys(bed: Bed, box: ServedSandbox) -> None:
    box["acme"].keys.publish(3)
    linked(bed)
    box["acme"].delete("header", "kid")
    refused_until_honest(bed)


def test_A042_a_kid_that_nobody_has_is_asked_for_once_a_minute(
    bed: Bed, box: ServedSandbox, now: list[int]
) -> None:
    linked(bed)
    for kid in UNKNOWN:
        box["acme"].set("header", kid=kid)
        refused(bed)
    assert box.count("acme", "jwks") == 1
    now[0] += MINUTE - 1
    refused(bed)
    assert box.count("acme", "jwks") == 1
    now[0] += 1
    for kid in UNKNOWN:
        box["acme"].set("header", kid=kid)
        refused(bed)
    assert box.count("acme", "jwks") == 2
    box["acme"].honest()
    accepted(bed)
    assert box.count("acme", "jwks") == 2


def test_A042_a_kid_that_is_no_text_of_sane_length_asks_for_nothing(
    kept: Bed, box: ServedSandbox
) -> None:
    for kid in NO_TEXT:
        box["acme"].set("header", kid=kid)
        refused(kept)
    assert box.count("acme", "jwks") == 0
    box["acme"].honest()
    accepted(kept)


def test_A042_a_kid_that_two_keys_have(bed: Bed, box: ServedSandbox, now: list[int]) -> None:
    linked(bed)
    box["acme"].change("jwks", lambda jwks: one_more_published(jwks, kid="acme-0"))
    now[0] += HOUR
    refused(bed)
    box["acme"].honest()
    now[0] += HOUR
    accepted(bed)


@pytest.mark.parametrize(
    "purpose", [{"use": "enc"}, {"use": None}, {"key_ops": ["sign"]}, {"alg": "RSA-OAEP"}], ids=repr
)
def test_A042_a_key_for_another_purpose(
    bed: Bed, box: ServedSandbox, now: list[int], purpose: dict[str, Any]
) -> None:
    linked(bed)

    def repurposed(jwks: dict[str, Any]) -> dict[str, Any]:
        signer = {**jwks["keys"][0], **purpose}
        return {"keys": [signer, rsa_jwk("acme-spare")]}

    box["acme"].change("jwks", repurposed)
    now[0] += HOUR
    refused(bed)
    box["acme"].honest()
    now[0] += HOUR
    accepted(bed)


FLATTENED = ("protected", "payload", "signature")
ODD: list[dict[str, Any]] = [
    {"crit": ["x"]},
    {"crit": ["x"], "x": True},
    {"crit": []},
    {"crit": None},
    {"b64": False},
    {"b64": False, "crit": ["b64"]},
    {"b64": True},
    {"typ": "logout+jwt"},
    {"typ": "at+jwt"},
    {"typ": "application/at+jwt"},
    {"typ": "secevent+jwt"},
    {"typ": "dpop+jwt"},
    {"typ": ""},
    {"typ": None},
    {"typ": ["JWT"]},
    {"cty": "JWT"},
    {"zip": "DEF"},
    {"enc": "A256GCM"},
]


def test_A043_headers_that_change_the_rules(kept: Bed, box: ServedSandbox) -> None:
    for header in ODD:
        box["acme"].honest()
        box["acme"].set("header", **header)
        refused(kept)
    assert box.count("acme", "jwks") == 0
    box["acme"].honest()
    accepted(kept)


def nested(id_token: str, **header: Any) -> str:
    """*id_token* in an envelope that is encrypted with a key of the attacker's."""
    protected = {"alg": "dir", "enc": "A256GCM", "cty": "JWT", **header}
    return jwe.encrypt_compact(protected, id_token.encode(), OctKey.generate_key(256))


def unsigned_around(id_token: str) -> str:
    """*id_token* as the payload of a token without a signature."""
    return f"{b64(json.dumps({'alg': 'none', 'cty': 'JWT'}).encode())}.{b64(id_token.encode())}."


@pytest.mark.parametrize(
    "wrap",
    [
        nested,
        lambda token: nested(token, zip="DEF"),
        unsigned_around,
        lambda token: token + ".",
        lambda token: "." + token,
        lambda token: token.rpartition(".")[0] + ".",
        lambda token: json.dumps(dict(zip(FLATTENED, token.split("."), strict=True))),
    ],
    ids=["encrypted", "compressed", "in another", "4 parts", "leading dot", "no signature", "JSON"],
)
def test_A043_a_token_in_another_form(kept: Bed, box: ServedSandbox, wrap: Any) -> None:
    box["acme"].change("token", lambda said: {**said, "id_token": wrap(said["id_token"])})
    refused_until_honest(kept)
