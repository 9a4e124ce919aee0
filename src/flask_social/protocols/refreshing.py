"""A token made new by its refresh token (RFC 6749 section 6, OpenID Connect Core 12)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Any

from ..errors import ProviderError
from ..http import read_json
from ..values import Token

STEP = "refreshing the token"
CHANGED = "changed"
"""The code of an answer for another person, from another issuer, or for another application."""
SPENT = frozenset({
    "invalid_grant", "interaction_required", "login_required", "consent_required",
    "account_selection_required",
})  # fmt: skip
"""Codes by which a provider says that nothing but the person's consent helps: the standard's, and
OpenID Connect's for a question that only the person can answer."""

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Whose the token is that is refreshed."""

    subject: str
    issuer: str | None = None


def renewed(token: Token, answer: Token) -> Token:
    """*answer*, with what it does not bring taken from the old *token* (RFC 6749 section 6).

    When it expires is unknown if the answer does not say: the old time is not the new token's.
    """
    return replace(
        answer,
        secret=answer.secret or token.secret,
        refresh_token=answer.refresh_token or token.refresh_token,
        id_token=answer.id_token or token.id_token,
        scopes=answer.scopes or token.scopes,
    )


def claims_of(id_token: str | None) -> Claims:
    """What a stored ID token claims, which was checked before it was stored; nothing if it is odd.

    A row of former days may hold any text.
    """
    try:
        payload = (id_token or "").split(".")[1]
        claims = read_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}


def check_same(claims: Claims, earlier: Claims) -> None:
    """That a refreshed ID token goes on where the *earlier* one ended (Core 12.2).

    :raises ProviderError: ``changed`` for another person, ``bad_id_token`` for another time at
        which they signed in.
    """
    if earlier.get("sub", claims["sub"]) != claims["sub"]:
        raise ProviderError(STEP, CHANGED, "sub is another than before")
    if (
        "auth_time" in earlier
        and claims.get("auth_time", earlier["auth_time"]) != (earlier["auth_time"])
    ):
        raise ProviderError(STEP, "bad_id_token", "auth_time is another than before")
