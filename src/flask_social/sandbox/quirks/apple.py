"""Apple: a secret that the application makes of a key, and a name that comes once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.errors import JoseError

from .. import clients, dialect, samples
from ..answers import OAuthError
from ..clients import known, part_of
from ..provider import Client, Grant, Provider
from .base import Form, Quirk

if TYPE_CHECKING:
    from ..app import Sandbox
    from ..authorize import Asked

SIX_MONTHS = 15777000
AUDIENCE = "https://appleid.apple.com"


class Apple(Quirk):
    """``client_secret`` is a JWT by ES256; ``user`` is posted with the first consent alone.

    The key that a client registers is its public one. Without one the signature is not checked,
    the rest of the secret is.
    """

    def check_asked(self, provider: Provider, asked: Asked) -> None:
        if asked.scopes and asked.params.get("response_mode") != "form_post":
            raise OAuthError("invalid_request", "response_mode must be form_post")

    def coming_back(self, sandbox: Sandbox, provider: Provider, grant: Grant, params: Form) -> Form:
        pair = (grant.client_id, grant.person.key)
        if pair in provider.consented or not {"name", "email"} & set(grant.scopes):
            return params
        provider.consented.add(pair)
        found = samples.document(dialect.play_of(provider), "callback", grant.person)
        return {**params, "user": json.dumps(found["user"])}

    def client(self, sandbox: Sandbox, provider: Provider, form: Form) -> Client:
        client = known(sandbox, provider, form.get("client_id", ""))
        secret = form.get("client_secret", "")
        header, claims = part_of(secret, 0), part_of(secret, 1)
        if header.get("alg") != "ES256" or not header.get("kid"):
            raise OAuthError("invalid_client", "client_secret is no JWT by ES256 with a kid", 401)
        if client.public_key:
            self.verify(client.public_key, secret)
        home = f"{sandbox.url}{provider.id}"
        if not is_for_here(claims, client, (AUDIENCE, home), sandbox.now()):
            raise OAuthError("invalid_client", "client_secret is not for here and now", 401)
        return client

    @staticmethod
    def verify(public_key: str, secret: str) -> None:
        """:raises OAuthError: when another key signed."""
        try:
            jwt.decode(secret, clients.read_key(public_key), algorithms=["ES256"])
        except (ValueError, JoseError) as error:
            raise OAuthError("invalid_client", "client_secret does not verify", 401) from error


def is_for_here(
    claims: dict[str, Any], client: Client, audiences: tuple[str, ...], now: int
) -> bool:
    """Whether the claims of a secret name a team, its client and us, for half a year at most."""
    team, issued, expires = claims.get("iss"), claims.get("iat"), claims.get("exp")
    return (
        isinstance(team, str)
        and bool(team)
        and claims.get("sub") == client.id
        and claims.get("aud") in audiences
        and isinstance(issued, int)
        and isinstance(expires, int)
        and issued <= now + 60
        and now < expires <= now + SIX_MONTHS
    )
