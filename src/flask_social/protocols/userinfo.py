"""What UserInfo adds to an ID token (OpenID Connect Core 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ProviderError
from ..http import Request, Response, Send
from .base import read_object, read_or_refuse
from .id_token import Claims, Rules, check_origin, read_claims
from .keys import FindKeys, verified

STEP = "fetching UserInfo"
SHOWN = frozenset({"name", "preferred_username", "email", "picture"})
"""Claims of which one is enough to show who somebody is."""


def fetch(request: Request, subject: str, rules: Rules, find: FindKeys, send: Send) -> Claims:
    """The claims at UserInfo about *subject*, in JSON or signed.

    :raises ProviderError: when they speak of somebody else (Core 5.3.2) or cannot be read.
    """
    response = send(request)
    if response.status != 200:
        raise ProviderError(STEP, "bad_answer", f"status {response.status}")
    if response.content_type == "application/jwt":
        claims = read_or_refuse(lambda: _signed(response, rules, find), STEP)
    else:
        claims = read_object(response, STEP)
    if claims.get("sub") != subject:
        raise ProviderError(STEP, "wrong_subject", "sub is not that of the ID token")
    return claims


def _signed(response: Response, rules: Rules, find: FindKeys) -> Claims:
    """The claims of a signed answer, which names issuer and audience like an ID token."""
    token = response.body.decode("ascii").strip()
    claims = read_claims(verified(token, rules.algorithms, rules.client_secret, find).payload)
    check_origin(claims, rules)
    return claims


def merged(claims: Mapping[str, Any], more: Mapping[str, Any]) -> Claims:
    """*claims* and what only *more* has.

    Whether an address is verified says only who gave the address itself: the flag of one
    source never vouches for the address of the other.
    """
    source = claims if "email" in claims else more
    return {**more, **claims, "email_verified": source.get("email_verified")}
