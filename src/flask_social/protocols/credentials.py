"""How the application proves who it is, and how a person's token goes on a call.

A client authentication is a function ``Request, Client, audience -> Request``; a token use is
a function ``Request, Token, Client -> Request``. A request carries exactly one of each kind.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from .. import clock
from ..errors import ConfigurationError
from ..http import Request
from ..values import Client, Secret, Token
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


def secret_alone(request: Request, client: Client, audience: str) -> Request:
    """The secret without the id, for a provider that knows applications by it."""
    return request.with_form(client_secret=_secret(client))


def public(request: Request, client: Client, audience: str) -> Request:
    """The id alone, for an application that can keep no secret (RFC 6749 section 2.1)."""
    return request.with_form(client_id=client.id)


def signed(request: Request, client: Client, audience: str) -> Request:
    """An assertion signed with the application's key (RFC 7523 sections 2.2 and 3).

    *audience* is the provider's issuer and nothing else, so that no other server can use it.
    """
    return request.with_form(
        client_id=client.id,
        client_assertion_type=ASSERTION_TYPE,
        client_assertion=assertion(client, audience),
    )


def signed_for_endpoint(request: Request, client: Client, audience: str) -> Request:
    """The same, for a provider that wants the address which it is sent to as its audience."""
    return signed(request, client, request.url)


def assertion(
    client: Client, audience: str, *, issuer: str | None = None, lifetime: int = ASSERTION_LIFETIME
) -> str:
    """A statement for *audience* alone that this is *client*, signed with the application's key.

    :param issuer: who states it, if not the client itself.
    """
    from joserfc import jwt

    key, algorithm = _private_key(client)
    key_id = client.key_id or key.kid
    header = {"alg": algorithm, **({"kid": key_id} if key_id else {})}
    issued = clock.now()
    claims = {
        "iss": issuer or client.id,
        "sub": client.id,
        "aud": audience,
        "jti": str(unguessable()),
        "iat": issued,
        "exp": issued + lifetime,
    }
    return Secret(jwt.encode(header, claims, key, algorithms=[algorithm]))


PROOFS: dict[ClientAuth, tuple[str, ...]] = {
    public: ("consumer_key",),
    signed: ("consumer_key", "private_key"),
    signed_for_endpoint: ("consumer_key", "private_key"),
}
"""What a client authentication needs, as settings, where it is not id and secret."""
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


def scheme(name: str) -> TokenUse:
    """The token in the ``Authorization`` header, under another scheme than ``Bearer``."""
    return in_header("Authorization", f"{name} ")


def in_header(name: str, before: str = "") -> TokenUse:
    """The token in the header *name*, after *before* if that is given."""

    def use(request: Request, token: Token, client: Client) -> Request:
        kept = {each: v for each, v in request.headers.items() if each.lower() != name.lower()}
        hidden = Secret(f"{before}{token.access_token}")
        return replace(request, headers={**kept, name: hidden})

    return use


def in_query(name: str, **constant: str) -> TokenUse:
    """The token as the query parameter *name*, for APIs that know no header.

    :param constant: further parameters of every call. Places in them are filled from the client:
        ``key="{client_id}"``.
    """

    def use(request: Request, token: Token, client: Client) -> Request:
        return request.with_query(**client.filled(constant), **{name: token.access_token})

    return use


def in_form(name: str, otherwise: TokenUse = bearer) -> TokenUse:
    """The token as the field *name* of a form that is posted, for APIs that are asked by forms.

    :param otherwise: how it goes on a request that posts none.
    """

    def use(request: Request, token: Token, client: Client) -> Request:
        if request.form is None:
            return otherwise(request, token, client)
        return request.with_form(**{name: token.access_token})

    return use


def rsa_signature(text: bytes, client: Client) -> bytes:
    """What the application's RSA key makes of *text*: RSASSA-PKCS1-v1_5, SHA-256 (RFC 8017 8.2)."""
    from joserfc.jws import JWSRegistry

    key, algorithm = _private_key(client)
    if algorithm != "RS256":
        raise ConfigurationError(f"The private_key of the client {client.id} is no RSA key.")
    return JWSRegistry.algorithms[algorithm].sign(text, key)


def is_rsa_signed(text: bytes, signature: bytes, public_key: str) -> bool:
    """Whether *signature* over *text* is that of the *public_key*, a PEM or what is inside one."""
    from joserfc.jws import JWSRegistry

    if "-----" not in public_key:
        public_key = f"-----BEGIN PUBLIC KEY-----\n{public_key}\n-----END PUBLIC KEY-----\n"
    key = import_key(public_key)
    if getattr(key, "key_type", None) != "RSA":
        raise ConfigurationError("The provider's public key is no RSA key.")
    return JWSRegistry.algorithms["RS256"].verify(text, signature, key)


def _secret(client: Client) -> str:
    if client.secret is None:
        raise ConfigurationError(f"The client {client.id} has no consumer_secret.")
    return client.secret


def _private_key(client: Client) -> tuple[Any, str]:
    """The application's key and the algorithm that it signs with."""
    if client.private_key is None:
        raise ConfigurationError(f"The client {client.id} has no private_key.")
    key = import_key(client.private_key)
    kind = getattr(key, "curve_name", None) or getattr(key, "key_type", None)
    if kind not in ALGORITHMS or not key.is_private:
        kinds = "PEM or JWK of an RSA key or one on the curves P-256, P-384, P-521 and Ed25519"
        raise ConfigurationError(f"The private_key of the client {client.id} is no {kinds}.")
    return key, ALGORITHMS[kind]


@lru_cache(maxsize=32)
def import_key(text: str) -> Any:
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
