"""What a provider sends, byte for byte, into our readers: the part of the targets that judges."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask_social import clock, limits
from flask_social.errors import ProviderError
from flask_social.http import Response, read_json
from flask_social.protocols import id_token
from flask_social.protocols.base import read_object
from flask_social.protocols.id_token import Rules
from flask_social.protocols.keys import Keys, read_keys
from flask_social.protocols.token_answer import FORM, JSON, read_answer, read_form, read_token

NOW = 1_800_000_000
SECRET = "a client secret of thirty-two bytes"
ISSUER, CLIENT, NONCE, ACCESS_TOKEN = (
    "https://op.example",
    "our-id",
    "the-nonce",
    "the-access-token",
)
STEP = "fuzzing"
CLAIMS = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "exp": NOW + 300, "iat": NOW, "nonce": NONCE}
HEADER = {"alg": "HS256", "typ": "JWT"}
KEY_SET = {
    "keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]
}
"""The key of RFC 8037, appendix A.2."""


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(header: bytes, payload: bytes) -> str:
    """A token by a provider that means whatever it says."""
    content = f"{part(header)}.{part(payload)}"
    return f"{content}.{part(hmac.digest(SECRET.encode(), content.encode(), hashlib.sha256))}"


# An ID token, and the answer that it comes in.


def read_token_bytes(octets: bytes) -> None:
    """Judge one input: its first byte says what the others are."""
    kind, rest = octets[:1], octets[1:]
    with clock.replaced(lambda: NOW):
        if kind == b"j":
            check(rest.decode("utf-8", "surrogateescape"))
        elif kind == b"p":
            check(signed(json.dumps(HEADER).encode(), rest))
        elif kind == b"h":
            check(signed(rest, json.dumps(CLAIMS).encode()))
        else:
            check_answer(rest, FORM if kind == b"f" else JSON)


def check(token: str) -> None:
    """Claims that are ours, or our error; the keys are asked for twice at most."""
    asked: list[bool] = []

    def find(anew: bool) -> Keys:
        asked.append(anew)
        return KEYS

    claims = ours(lambda: id_token.check(token, ACCESS_TOKEN, RULES, find))
    assert len(asked) <= 2
    if claims is not None:
        assert (claims["iss"], claims["nonce"]) == (ISSUER, NONCE)
        assert isinstance(claims["sub"], str)
        assert claims["sub"].strip()


def check_answer(body: bytes, media: str) -> None:
    response = Response(status=200, headers={"content-type": media}, body=body)
    token = ours(lambda: read_token(read_answer(response, media, STEP), STEP))
    if token is not None:
        assert 0 < len(token.access_token) <= limits.ACCESS_TOKEN
        assert token.access_token.isascii()
        assert token.access_token.isprintable()


# Documents.


def read_document_bytes(octets: bytes) -> None:
    """Judge one input: its first byte says whether the others are a form or JSON."""
    kind, rest = octets[:1], octets[1:]
    if kind == b"f":
        check_form(rest)
    elif kind == b"k":
        keys = ours(lambda: read_keys(json_response(rest)))
        assert keys is None or len(keys) <= limits.JSON_MEMBERS
    else:
        check_json(rest)


def check_form(body: bytes) -> None:
    try:
        found = read_form(body)
    except ValueError:
        return
    pairs = parse_qsl(body.decode(), keep_blank_values=True)
    assert len(found) == len(pairs) <= limits.JSON_MEMBERS
    assert found == dict(pairs)


def check_json(body: bytes) -> None:
    """What comes out is within the limits, and what the standard library reads."""
    ours(lambda: read_object(json_response(body), STEP))
    try:
        found = read_json(body)
    except ValueError:
        return
    members, depth = measured(found)
    assert members <= limits.JSON_MEMBERS
    assert depth <= limits.JSON_DEPTH
    assert json.dumps(found) == json.dumps(json.loads(body.decode("utf-8-sig")))


def measured(value: Any) -> tuple[int, int]:
    """How many members the objects in *value* have, and how deep it is."""
    inside = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(inside, list):
        return 0, 0
    found = [measured(each) for each in inside]
    members = len(value) if isinstance(value, dict) else 0
    return members + sum(each[0] for each in found), 1 + max((each[1] for each in found), default=0)


def json_response(body: bytes) -> Response:
    return Response(status=200, headers={"content-type": JSON}, body=body)


def ours(read: Callable[[], Any]) -> Any:
    """What *read* gives; ``None`` for our error. Any other is a find."""
    try:
        return read()
    except ProviderError as error:
        said = str(error)
    assert len(said) < 600
    assert NONCE not in said
    return None


KEYS = read_keys(json_response(json.dumps(KEY_SET).encode()))
RULES = Rules(
    issuers=(ISSUER,),
    client_id=CLIENT,
    client_secret=SECRET,
    algorithms=("HS256", "Ed25519"),
    nonce=NONCE,
    started_at=NOW - 5,
)


# Where the search begins.


def token_seeds() -> list[bytes]:
    """One input of each kind, and what is next to it."""
    header, payload = json.dumps(HEADER).encode(), json.dumps(CLAIMS).encode()
    more = {**CLAIMS, "azp": CLIENT, "nbf": NOW, "aud": [CLIENT], "at_hash": "x", "auth_time": NOW}
    answer = {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "scope": "a b"}
    return [
        b"j" + signed(header, payload).encode(),
        b"p" + payload,
        b"p" + json.dumps(more).encode(),
        b"h" + header,
        b"h" + json.dumps({**HEADER, "kid": "1", "crit": []}).encode(),
        b"a" + json.dumps({**answer, "id_token": "a.b.c", "refresh_token": "r"}).encode(),
        b"a" + json.dumps({"error": "invalid_grant"}).encode(),
        b"faccess_token=a&token_type=bearer&expires_in=60&scope=a+b",
    ]


def document_seeds() -> list[bytes]:
    """One input of each kind, and what is at the limits."""
    deep = b"[" * limits.JSON_DEPTH + b"]" * limits.JSON_DEPTH
    return [
        b'{"a": {"b": [1, -2.5e3, true, false, null, "\\u00e4\\ud800"]}}',
        b"\xef\xbb\xbf[]",
        b"{" + deep,
        b"x" + deep,
        b'x{"a": 1, "a": 2}',
        b"x[NaN, Infinity, 1e999]",
        b"fa=1&b=%ff&c&d=+%20",
        b"fa=1&a=2",
        b"k" + json.dumps(KEY_SET).encode(),
    ]
