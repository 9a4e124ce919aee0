"""itsme: tokens that only the application can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from joserfc import jwe
from joserfc.jwk import RSAKey

from ..answers import OAuthError
from ..clients import read_key
from ..provider import Client, Provider
from .base import Quirk

if TYPE_CHECKING:
    from ..authorize import Asked


class Itsme(Quirk):
    """ID tokens and UserInfo are signed, then encrypted for the key that the client registered."""

    def check_asked(self, provider: Provider, asked: Asked) -> None:
        if not any(scope.startswith("service:") for scope in asked.scopes):
            raise OAuthError("invalid_scope", "the scope service:CODE is wanted")

    def sealed(self, provider: Provider, client: Client, token: str) -> str:
        key = read_key(client.encryption_key or client.public_key or "")
        if not isinstance(key, RSAKey):
            raise OAuthError("invalid_client", "no RSA key is registered", 401)
        header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT"}
        recommended = ["RSA-OAEP-256", "A256GCM"]
        return jwe.encrypt_compact(header, token, key, algorithms=recommended)
