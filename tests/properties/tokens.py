"""A good ID token, ways to change it, and what our verifier makes of the result."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from flask_social.errors import ProviderError
from flask_social.protocols import id_token
from flask_social.protocols.id_token import Rules
from flask_social.protocols.keys import read_keys
from tests.protocols.paper import CLIENT, ISSUER, NONCE, NOW, answer, claims, ec, public, rsa

ACCESS_TOKEN = "the-access-token"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
KEYS = read_keys(answer({"keys": [public(rsa()), public(ec("P-384"))]}))
AT_HASH = base64.urlsafe_b64encode(hashlib.sha256(ACCESS_TOKEN.encode()).digest()[:16])
HEADER = {"alg": "RS256", "kid": "one", "typ": "JWT"}
CLAIMS = claims(azp=CLIENT.id, auth_time=NOW, at_hash=AT_HASH.decode().rstrip("="), amr=["pwd"])
GONE = object()


def check(token: str) -> dict[str, Any]:
    """What our verifier makes of *token*; it asks for the keys twice at most."""
    asked: list[bool] = []

    def find(anew: bool) -> Any:
        asked.append(anew)
        return KEYS

    rules = Rules(
        issuers=(ISSUER,),
        client_id=CLIENT.id,
        client_secret=CLIENT.secret,
        algorithms=("RS256",),
        nonce=NONCE,
        started_at=NOW - 5,
        auth_time_required=True,
    )
    try:
        return id_token.check(token, ACCESS_TOKEN, rules, find)
    finally:
        assert asked in ([], [False], [False, True])


def passes(token: str) -> bool:
    """Whether *token* is taken; nothing else than our error may come instead."""
    try:
        return check(token)["iss"] == ISSUER
    except ProviderError as error:
        stopped = error
    said = str(stopped)
    assert (stopped.step, stopped.code, stopped.status) == (id_token.STEP, "bad_id_token", 502)
    assert len(said) < 300
    assert not {NONCE, ACCESS_TOKEN, "person-1"}.intersection(said.replace(":", " ").split())
    return False


def part(content: Any) -> str:
    written = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


def compact(header: Any, payload: Any, key: Key | None = None, algorithm: str = "RS256") -> str:
    """A token by *key*, whatever its header says."""
    content = f"{part(header)}.{part(payload)}"
    signer = JWSRegistry(algorithms=[algorithm]).get_alg(algorithm)
    return f"{content}.{part(signer.sign(content.encode(), key or rsa()))}"


GOOD = compact(HEADER, CLAIMS)
HEAD, BODY, SIGNATURE = GOOD.split(".")


def with_member(members: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    rest = {each: old for each, old in members.items() if each != name}
    return rest if value is GONE else {**rest, name: value}
