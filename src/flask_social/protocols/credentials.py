"""How the application proves who it is, and how a person's token goes on a call.

A client authentication is a function ``Request, Client, audience -> Request``; a token use is
a function ``Request, Token, Client -> Request``. A request carries exactly one of each kind.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from .. import clock
from ..errors import ConfigurationError
from ..http import Request
from ..values import Client, Token
from .base import unguessable

ClientAuth = Callable[[Request, Client, str], Request]
TokenUse = Callable[[Request, Token, Client], Request]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = 60
ALGORITHMS = {
    "RSA": "RS256",
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
    "Ed25519": "Ed25519",
}
"""What each kind of key signs with (RFC 7518 section 3.1, RFC 9864)."""


def post(request: Request, client: Client, audience: str) -> Request:
    """Id and secret in the body (RFC 6749 section 2.3.1, ``client_secret_post``)."""
    return request.with_form(client_id=client.id, client_secret=_secret(client))


def basic(request: Request, client: Client, audience: str) -> Request:
    """Id and secret, each form-encoded first, in the header (RFC 6749 section 2.3.1)."""
    pair = f"{quote_plus(client.id)}:{quote_plus(_secret(client))}"
    return request.with_headers(
        Authorization="Basic " + base64.b64encode(pair.encode("ascii")).decode("ascii")
    )


def public(request: Request, client: Client, audience: str) -> Request:
    """The id alone, for an application that can keep no secret (RFC 6749 section 2.1)."""
    return request.with_form(client_id=client.id)


def signed(request: Request, client: Client, audience: str) -> Request:
    """An assertion signed with the application's key (RFC 7523 sections 2.2 and 3).

    *audience* is the provider's issuer and nothing else, so that no other server can use it.
    """
    from joserfc import jwt

    key, algorithm = _private_key(client)
    key_id = client.key_id or key.kid
    header = {"alg": algorithm, **({"kid": key_id} if key_id else {})}
    issued = clock.now()
    claims = {
        "iss": client.id,
        "sub": client.id,
        "aud": audience,
        "jti": str(unguessable()),
        "iat": issued,
        "exp": issued + ASSERTION_LIFETIME,
    }
    assertion = jwt.encode(header, claims, key, algorithms=[algorithm])
    return request.with_form(
        client_id=client.id, client_assertion_type=ASSERTION_TYPE, client_assertion=assertion
    )


METHODS: dict[str, ClientAuth] = {
    "client_secret_post": post,
    "client_secret_basic": basic,
    "none": public,
    "private_key_jwt": signed,
}
"""By their registered names (OpenID Connect Core 9)."""


def bearer(request: Request, token: Token, client: Client) -> Request:
    """The token in the ``Authorization`` header (RFC 6750 section 2.1)."""
    return request.with_headers(Authorization=f"Bearer {token.access_token}")


def in_query(name: str, **constant: str) -> TokenUse:
    """The token as the query parameter *name*, for APIs that know no header."""

    def use(request: Request, token: Token, client: Client) -> Request:
        return request.with_query(**constant, **{name: token.access_token})

    return use


def _secret(client: Client) -> str:
    if client.secret is None:
        raise ConfigurationError(f"The client {client.id} has no consumer_secret.")
    return client.secret


def _private_key(client: Client) -> tuple[Any, str]:
    """The application's key and the algorithm that it signs with."""
    if client.private_key is None:
        raise ConfigurationError(f"The client {client.id} has no private_key.")
    key = _import_key(client.private_key)
    kind = getattr(key, "curve_name", None) or getattr(key, "key_type", None)
    if kind not in ALGORITHMS or not key.is_private:
        kinds = "PEM or JWK of an RSA key or one on the curves P-256, P-384, P-521 and Ed25519"
        raise ConfigurationError(f"The private_key of the client {client.id} is no {kinds}.")
    return key, ALGORITHMS[kind]


@lru_cache(maxsize=32)
def _import_key(text: str) -> Any:
    """The key in *text*, a JWK or a PEM; ``None`` when it is neither. Reading it is slow."""
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    with suppress(ValueError, TypeError, LookupError, JoseError):
        if text.lstrip().startswith("{"):
            return import_key(json.loads(text))
    for key_type in ("RSA", "EC", "OKP"):
        with suppress(ValueError, TypeError, JoseError):
            return import_key(text, key_type)
    return None
