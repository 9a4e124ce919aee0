"""What UserInfo adds to an ID token (OpenID Connect Core 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ProviderError
from ..http import Request, Response, Send
from ..values import Identity
from .base import read_object, read_or_refuse
from .id_token import Claims, Rules, check_origin, read_claims
from .identity import Profile
from .keys import FindKeys
from .signatures import verified

STEP = "fetching UserInfo"
SHOWN = frozenset({"name", "preferred_username", "email", "picture"})
"""Claims of which one is enough to show who somebody is."""
FLAGS: Mapping[str, str] = {"email_verified": "email"}
"""The claim that says whether an address was checked, and the one that is the address."""


def asked_at(url: str | None) -> Request:
    """The request for UserInfo, without a token on it yet.

    :raises ProviderError: when the provider has none, and yet it is asked for.
    """
    if url is None:
        raise ProviderError(STEP, "bad_metadata", "the provider has no UserInfo")
    return Request(url=url, purpose=STEP, headers={"Accept": "application/json"})


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
    require_subject(claims.get("sub"), subject)
    return claims


def require_subject(told: Any, subject: str) -> None:
    """:raises ProviderError: when what was *told* is not the ID token's *subject*."""
    if told != subject:
        raise ProviderError(STEP, "wrong_subject", "sub is not that of the ID token")


def _signed(response: Response, rules: Rules, find: FindKeys) -> Claims:
    """The claims of a signed answer, which names issuer and audience like an ID token."""
    token = rules.opened(response.body.decode("ascii").strip())
    claims = read_claims(verified(token, rules.algorithms, rules.client_secret, find).payload)
    check_origin(claims, rules)
    return claims


def flags_of(identity: Callable[[Profile], Identity] | None) -> Mapping[str, str]:
    """The claims by which *identity* knows that an address was checked, each with the address."""
    told = getattr(identity, "sources", {})
    flags, emails = (_all_of(told.get(name)) for name in ("email_verified", "email"))
    pairs = zip(flags, emails, strict=False)
    return {**{flag: email for flag, email in pairs if email.isidentifier()}, **FLAGS}


def _all_of(source: Any) -> tuple[Any, ...]:
    return source if isinstance(source, tuple) else (source,) if isinstance(source, str) else ()


def merged(
    claims: Mapping[str, Any], more: Mapping[str, Any], flags: Mapping[str, str] = FLAGS
) -> Claims:
    """*claims* and what only *more* has.

    Whether an address is verified says only who gave the address itself: the flag of one
    source never vouches for the address of the other.

    :param flags: the claims that say so, each with the one that is the address.
    """
    found = {**more, **claims}
    for flag, email in flags.items():
        if flag in found or flag in FLAGS:
            found[flag] = (claims if email in claims else more).get(flag)
    return found
