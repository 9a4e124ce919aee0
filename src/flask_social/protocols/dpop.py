"""Tokens that are of use only to who has a key: demonstrating proof of possession (RFC 9449).

Each request carries a proof that is signed for it alone. A server may want a nonce of its own in
there; it says so in an answer that refuses, and then the request goes once more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from .. import clock
from ..errors import ProviderError
from ..http import Request, Response, Send, read_json
from ..values import Secret
from .base import s256, unguessable

ALGORITHM = "ES256"
NONCE = "DPoP-Nonce"
NONCE_WANTED = "use_dpop_nonce"
NONCE_FORM = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,512}")  # section 8.1, and an end
CHALLENGE = re.compile(rf'\berror="?{NONCE_WANTED}\b')


def new_key() -> str:
    """A private key for one connection, as the text of a JWK."""
    from joserfc.jwk import ECKey

    members = ECKey.generate_key("P-256", auto_kid=False).as_dict(private=True)
    return Secret(json.dumps(members, separators=(",", ":")))


def proven(
    request: Request, key: str, *, token: str | None = None, nonce: str | None = None
) -> Request:
    """*request* with a proof that its sender has *key* (section 4.2).

    :param token: the access token that goes with it (section 7).
    :param nonce: the one that the server wants there (sections 8 and 9).
    :raises ProviderError: ``no_key``, when *key* is none.
    """
    from joserfc import jwt

    private = _private(key, request.purpose)
    header = {"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": private.as_dict(private=False)}
    claims = {
        "jti": str(unguessable()),
        "htm": request.method,
        "htu": urlsplit(request.url)._replace(query="", fragment="").geturl(),
        "iat": clock.now(),
        **({"ath": s256(token)} if token is not None else {}),
        **({"nonce": nonce} if nonce is not None else {}),
    }
    return request.with_headers(DPoP=jwt.encode(header, claims, private, algorithms=[ALGORITHM]))


def bound(request: Request, token: str, key: str) -> Request:
    """*request* in the name of *token*, which is of use with *key* alone (section 7.1).

    A nonce that :func:`challenged` put into its headers goes into the proof.
    """
    nonce = request.headers.get(NONCE)
    kept = {name: text for name, text in request.headers.items() if name != NONCE}
    request = proven(replace(request, headers=kept), key, token=token, nonce=nonce)
    return request.with_headers(Authorization=f"DPoP {token}")


def sent(make: Callable[[], Request], key: str, send: Send) -> Response:
    """The answer to the request that *make* gives, with a proof; to a second where a nonce lacked.

    The second is made anew, so that nothing in it that is for one use is used twice.
    """
    response = send(proven(make(), key))
    nonce = nonce_wanted(response)
    return response if nonce is None else send(proven(make(), key, nonce=nonce))


def challenged(request: Request, response: Response) -> Request | None:
    """*request*, not authorised yet, with the nonce that *response* wants in its proof.

    :returns: ``None`` where that is not what it says.
    """
    nonce = nonce_wanted(response)
    return None if nonce is None else request.with_headers(DPoP_Nonce=nonce)


def nonce_wanted(response: Response) -> str | None:
    """The nonce to repeat a request with, if *response* asks for that (sections 8 and 9)."""
    nonce = response.headers.get(NONCE.lower(), "")
    return nonce if _asks(response) and NONCE_FORM.fullmatch(nonce) else None


def _asks(response: Response) -> bool:
    if response.status == 401 and CHALLENGE.search(response.headers.get("www-authenticate", "")):
        return True
    if response.status not in (400, 401):
        return False
    try:
        said = read_json(response.body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("error") == NONCE_WANTED


def _private(key: str, step: str) -> Any:
    """The key in the text of a JWK."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    try:
        found = ECKey.import_key(read_json(key.encode()))
    except (ValueError, TypeError, AttributeError, JoseError):
        raise ProviderError(step, "no_key", "the token's key cannot be read") from None
    if not found.is_private or found.curve_name != "P-256":
        raise ProviderError(step, "no_key", "the token's key is of another kind")
    return found
