"""What becomes of a connection's token when the connection goes: it is given back, if it can be.

Nothing here raises: the connection goes in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ProviderError
from ..http import Send
from ..protocols.revoking import STEP
from ..values import Client, Token
from .issuers import require_own
from .needs import token_of


@dataclass(frozen=True, slots=True)
class Revoked:
    """The token is of no use any more: the provider says so."""


@dataclass(frozen=True, slots=True)
class NothingToRevoke:
    """No token is stored that can be read, or the provider has no way to take one back."""


@dataclass(frozen=True, slots=True)
class NotRevoked:
    """The provider did not take it back, as far as anybody knows. It may still be good."""

    error: ProviderError


Revocation = Revoked | NothingToRevoke | NotRevoked


def revoke(
    provider: Any, client: Client, token: Token | None, send: Send, *, issuer: str | None = None
) -> Revocation:
    """Give *token* back to *provider*: one attempt. No transaction may be open.

    :param provider: one of any kind; without a ``revoke`` it has no way to take a token back.
    :param issuer: who gave it, as far as its row says. Only that one is shown it.
    """
    if token is None or not hasattr(provider, "revoke"):
        return NothingToRevoke()
    try:
        require_own(provider, issuer, STEP)
        return Revoked() if provider.revoke(client, token, send) else NothingToRevoke()
    except ProviderError as error:
        return NotRevoked(error)
    except Exception as error:  # noqa: BLE001 - an application's own provider may raise anything
        return NotRevoked(ProviderError(STEP, "failed", type(error).__name__))


def held_token(connection: Any) -> Token | None:
    """The token of a row of any shape that can be given back; ``None`` when there is none.

    What no key opens reads as an empty text, and counts as not there.
    """
    token = token_of(connection)
    return token if token.access_token or token.refresh_token else None
