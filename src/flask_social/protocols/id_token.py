"""The ID token policy, whole (OpenID Connect Core 2, 3.1.3.7 and 3.1.3.8, RFC 8725).

What is missing is invalid: no check is left out because a claim is absent.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from .. import clock
from ..errors import ProviderError
from ..http import read_json
from ..limits import CLOCK_SKEW, LOGGED
from .base import read_or_refuse
from .clocks import WrongTime
from .identity import read_subject
from .keys import ALGORITHMS, FindKeys
from .signatures import verified

STEP = "checking the ID token"
CODE = "bad_id_token"

Claims = dict[str, Any]


def as_it_is(token: str) -> str:
    """*token*, which needs no opening."""
    return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an ID token must be to end one particular trip, or to go on after one."""

    issuers: tuple[str, ...]
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    algorithms: Collection[str]
    trusted_audiences: Collection[str] = ()
    nonce: str | None = field(repr=False)
    """``None`` where it is not known any more."""
    nonce_required: bool = True
    started_at: int
    """When the trip began, in seconds since the epoch: nothing issued before it counts."""
    auth_time_required: bool = False
    """Whether the person must have signed in at the provider since then."""
    foreign: str = CODE
    """The error code of one that is from another issuer, or for another application."""
    opened: Callable[[str], str] = field(default=as_it_is, repr=False)
    """Makes one that is encrypted the signed one in it; see :mod:`.encrypted`."""

    def is_issuer(self, claims: Mapping[str, Any]) -> bool:
        """Whether *claims* name an issuer that may have made them."""
        return claims.get("iss") in self.issuers


def check(token: str | None, access_token: str, rules: Rules, find: FindKeys) -> Claims:
    """The claims of *token*, once it is proved to be what *rules* ask for.

    :param access_token: what came with it, for ``at_hash``.
    :param find: gives the provider's keys.
    :raises ProviderError: ``bad_id_token``; the detail says which check failed and, of times,
        by how many seconds, and holds no value of the token.
    """
    if token is None:
        raise ProviderError(STEP, CODE, "the provider sent none")
    return read_or_refuse(lambda: _checked(token, access_token, rules, find), STEP, CODE)


def _checked(token: str, access_token: str, rules: Rules, find: FindKeys) -> Claims:
    claims, algorithm = statement(token, rules, find)
    _check_subject(claims)
    _check_access_token(claims, access_token, algorithm)
    return claims


def statement(token: str, rules: Rules, find: FindKeys) -> tuple[Claims, str]:
    """The claims of *token*, of this origin and for this trip, and what they are signed with.

    Whom they are about is not looked at: they may be those of an access token, for instance.

    :raises ValueError: when they are not what *rules* ask for.
    """
    signed = verified(rules.opened(token), rules.algorithms, rules.client_secret, find)
    claims = read_claims(signed.payload)
    read_or_refuse(lambda: check_origin(claims, rules), STEP, rules.foreign)
    _check_times(claims, rules)
    _check_nonce(claims, rules)
    return claims, signed.algorithm


def read_claims(payload: bytes) -> Claims:
    """The claims of a payload. :raises ValueError: when it is not one JSON object."""
    claims = read_json(payload)
    if not isinstance(claims, dict):
        raise ValueError("the payload is no object")
    return claims


def check_origin(claims: Mapping[str, Any], rules: Rules) -> None:
    """Issuer and audience, exactly (Core 3.1.3.7, 2 to 5). :raises ValueError: otherwise."""
    if not rules.is_issuer(claims):
        raise ValueError("iss is not the configured issuer")
    audience = claims.get("aud")
    members = [audience] if isinstance(audience, str) else audience
    if not isinstance(members, list) or not all(isinstance(each, str) for each in members):
        raise ValueError("aud is neither a text nor a list of texts")
    if rules.client_id not in members:
        raise ValueError("aud is somebody else")
    others = {each for each in members if each != rules.client_id}
    if others - set(rules.trusted_audiences):
        raise ValueError("aud names others beside this application")
    if others and "azp" not in claims:
        raise ValueError("several audiences and no azp")
    if claims.get("azp", rules.client_id) != rules.client_id:
        raise ValueError("azp is somebody else")


def _check_times(claims: Mapping[str, Any], rules: Rules) -> None:
    """That it is valid now, and made for this trip (Core 3.1.3.7, 9, 10 and 13)."""
    now = clock.now()
    if (late := now - _time(claims, "exp")) >= CLOCK_SKEW:
        raise _wrong(f"exp passed {int(late)} s ago")
    issued = _time(claims, "iat")
    _refuse_future("iat", issued, now)
    if (early := rules.started_at - issued) > CLOCK_SKEW:
        raise _wrong(f"iat is {int(early)} s before the trip began")
    if "nbf" in claims:
        _refuse_future("nbf", _time(claims, "nbf"), now)
    if rules.auth_time_required:
        signed_in = _time(claims, "auth_time")
        if not isinstance(signed_in, int):
            raise ValueError("auth_time is no whole number")
        _refuse_future("auth_time", signed_in, now)
        if (early := rules.started_at - signed_in) > CLOCK_SKEW:
            raise _wrong(f"auth_time is {early} s before the trip began")


def _time(claims: Mapping[str, Any], name: str) -> int | float:
    """The time at *name*: a JSON number, and neither a boolean nor endless."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{name} is missing or no number")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is not finite")
    return value


def _refuse_future(name: str, moment: int | float, now: int) -> None:
    if (ahead := moment - now) > CLOCK_SKEW:
        raise _wrong(f"{name} is {int(ahead)} s ahead")


def _wrong(detail: str) -> WrongTime:
    return WrongTime(STEP, CODE, detail[:LOGGED])  # a number may have thousands of digits


def _check_nonce(claims: Mapping[str, Any], rules: Rules) -> None:
    """That it answers this very request (Core 3.1.3.7, 11)."""
    if rules.nonce is None or not (rules.nonce_required or "nonce" in claims):
        return
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not rules.nonce or not _same(nonce, rules.nonce):
        raise ValueError("nonce is missing or another")


def _check_subject(claims: Mapping[str, Any]) -> None:
    """That it names somebody, in ASCII (Core 2): no database takes two of them for one."""
    try:
        if not read_subject(claims.get("sub"), text_only=True).isascii():
            raise ValueError("sub: it is not of ASCII characters")
    except ProviderError as error:
        raise ValueError(f"sub: {error.detail}") from None


def _check_access_token(claims: Mapping[str, Any], access_token: str, algorithm: str) -> None:
    """That ``at_hash``, where there is one, is of the access token beside it (Core 3.1.3.8)."""
    if "at_hash" not in claims:
        return
    digest = hashlib.new(ALGORITHMS[algorithm].digest, access_token.encode()).digest()
    wanted = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    at_hash = claims["at_hash"]
    if not isinstance(at_hash, str) or not _same(at_hash, wanted):
        raise ValueError("at_hash belongs to another access token")


def _same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that tells nothing about where they differ."""
    return compare_digest(*(each.encode(errors="surrogatepass") for each in (one, other)))
