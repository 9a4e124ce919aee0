"""Proofs of possession, read as a server would: by joserfc, and by nothing of ours."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from flask_social.http import Request, Response
from tests.protocols.paper import answer


def proof_of(request: Request) -> dict[str, Any]:
    """The claims of the proof that *request* carries, its signature by the key in it verified."""
    text = request.headers["DPoP"]
    header = json.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))
    assert header.keys() == {"typ", "alg", "jwk"}
    assert (header["typ"], header["alg"]) == ("dpop+jwt", "ES256")
    assert header["jwk"].keys() == {"kty", "crv", "x", "y"}, "the private half stays here"
    return jwt.decode(text, ECKey.import_key(header["jwk"]), algorithms=["ES256"]).claims


def key_of(request: Request) -> str:
    """The thumbprint of the key that *request* was proven with."""
    header = json.loads(base64.urlsafe_b64decode(request.headers["DPoP"].split(".")[0] + "=="))
    return ECKey.import_key(header["jwk"]).thumbprint()


def thumbprint(key: str) -> str:
    """That of a private key as it is kept."""
    return ECKey.import_key(json.loads(key)).thumbprint()


def hashed(token: str) -> str:
    """What stands for an access token in a proof."""
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def with_nonce(found: Response, nonce: str | None = "nonce-1", **headers: str) -> Response:
    """An answer that gives a nonce, as all of these servers' do."""
    given = {} if nonce is None else {"dpop-nonce": nonce}
    more = {name.replace("_", "-"): text for name, text in headers.items()}
    return replace(found, headers={**found.headers, **given, **more})


def wants_nonce(nonce: str | None = "nonce-2") -> Response:
    """The answer of an authorization server to a proof without its nonce."""
    return with_nonce(answer({"error": "use_dpop_nonce"}, 400), nonce)


def challenge(nonce: str | None = "nonce-2", error: str = "use_dpop_nonce") -> Response:
    """The same of an API."""
    header = f'DPoP algs="ES256", error="{error}", error_description="proof"'
    return with_nonce(answer({"error": error}, 401), nonce, www_authenticate=header)
