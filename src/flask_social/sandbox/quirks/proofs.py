"""Proofs of possession, as a server checks them (RFC 9449 section 4.3)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from werkzeug.wrappers import Request

from ..answers import OAuthError
from ..keys import b64

OLDEST = 300
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Of a proof what has to be compared with something else."""

    key: str
    """The thumbprint of the key (RFC 7638)."""
    nonce: str | None


def read(
    request: Request,
    home: str,
    now: int,
    seen: set[str],
    *,
    token: str | None = None,
    status: int = 400,
) -> Proof:
    """The proof of *request*, good for it and for nothing else.

    :param home: the address that the paths of requests are below.
    :param seen: the names of proofs that came before, to which this one's is added.
    :param token: the access token beside it.
    :raises OAuthError: ``invalid_dpop_proof``, with *status*.
    """
    text = request.headers.get("DPoP", "")
    try:
        key, claims = verified(text)
    except (ValueError, LookupError, TypeError, JoseError) as error:
        raise OAuthError("invalid_dpop_proof", "the proof does not verify", status) from error
    wanted: dict[str, Any] = {"htm": request.method, "htu": home + request.path}
    if token is not None:
        wanted["ath"] = b64(hashlib.sha256(token.encode()).digest())
    if any(claims.get(name) != value for name, value in wanted.items()):
        raise OAuthError("invalid_dpop_proof", "the proof is for another request", status)
    issued, once = claims.get("iat"), claims.get("jti")
    if not isinstance(issued, int) or abs(now - issued) > OLDEST:
        raise OAuthError("invalid_dpop_proof", "the proof is not of now", status)
    if not isinstance(once, str) or not once or once in seen:
        raise OAuthError("invalid_dpop_proof", "the proof was used before", status)
    seen.add(once)
    nonce = claims.get("nonce")
    return Proof(key.thumbprint(), nonce if isinstance(nonce, str) else None)


def verified(text: str) -> tuple[ECKey, dict[str, Any]]:
    """The key and the claims of a proof whose signature is good by that key."""
    part = text.split(".", maxsplit=1)[0]
    header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if header["typ"] != "dpop+jwt" or "d" in header["jwk"]:
        raise ValueError("no proof, or a private key in it")
    key = ECKey.import_key(header["jwk"])
    return key, jwt.decode(text, key, algorithms=["ES256"]).claims
