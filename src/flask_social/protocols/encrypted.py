"""A provider of OpenID Connect that encrypts what it signs (Core 10.2, RFC 7516).

Only the application's key opens it. Who made it, the signature inside tells, so that one that came
without the envelope is believed neither more nor less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from .. import limits
from ..errors import ConfigurationError
from ..http import read_json
from ..values import Client
from .credentials import import_key
from .id_token import Rules
from .keys import decoded
from .oidc import OIDC

KEY = "encryption_key"
"""The setting with the application's private key, a PEM or a JWK, whose public half it gave."""
ALGORITHMS = ("RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW")
METHODS = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
PARTS = 5
REFUSED_HEADERS = ("crit", "zip")
"""What changes the rules, or makes much of little (RFC 7516 4.1.3, 4.1.13)."""


@dataclass(frozen=True, kw_only=True)
class Encrypted(OIDC):
    """A provider whose ID tokens and UserInfo only the application can open."""

    credentials: tuple[str, ...] = (KEY,)

    def rules(self, client: Client, nonce: str | None, started_at: int) -> Rules:
        """As inherited, for ID tokens that are opened first."""
        opened = partial(decrypted, key=client.more[KEY])
        return replace(super().rules(client, nonce, started_at), opened=opened)


def decrypted(token: str, key: str) -> str:
    """What is in *token*, if it is encrypted at all.

    :raises ConfigurationError: when the application's *key* is none.
    :raises ValueError: when it cannot be opened; the message holds nothing of it.
    """
    parts = token.split(".")
    if len(parts) != PARTS:
        return token
    if len(token) > limits.ID_TOKEN:
        raise ValueError("it is too long")
    header = read_json(decoded(parts[0]))
    if not isinstance(header, dict) or header.keys() & set(REFUSED_HEADERS):
        raise ValueError("the header of the encryption is no object, or changes the rules")
    private = import_key(key)
    if private is None or not private.is_private:
        raise ConfigurationError(f"{KEY} is no private key, neither a PEM nor a JWK.")
    return _opened(token, private)


def _opened(token: str, key: object) -> str:
    from joserfc.errors import JoseError
    from joserfc.jwe import JWERegistry, decrypt_compact

    registry = JWERegistry(algorithms=[*ALGORITHMS, *METHODS], strict_check_header=False)
    try:
        plain = decrypt_compact(token, key, registry=registry).plaintext  # type: ignore[arg-type]
        return (plain or b"").decode("ascii")
    except (JoseError, LookupError, TypeError, ValueError):
        raise ValueError("the application's key does not open it") from None
