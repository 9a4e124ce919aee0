"""The grant that values tell of which an application kept, in the words of a connection's columns.

What is no such value is a ``ValueError`` here, before any of it gets near the database.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .. import clock, limits
from ..errors import ProviderError
from ..protocols.identity import read_subject
from ..values import Grant, Identity, Token

SECRETS = ("access_token", "secret", "refresh_token", "id_token")
WANTED = ("provider_id", "provider_user_id", "access_token")


def grant_from(values: Mapping[str, Any]) -> Grant:
    """The grant that *values* tell of.

    :raises ValueError: when the provider, the account or the token is not among them, or one of
        them is nothing of its kind.
    """
    if missing := [name for name in WANTED if not values.get(name)]:
        raise ValueError(f"There is no {' and no '.join(missing)} to connect by.")
    scopes = _text(values, "scopes")
    token = Token(
        **{name: _text(values, name) for name in SECRETS},  # type: ignore[arg-type]  # all texts
        token_type=_text(values, "token_type") or "Bearer",
        expires_at=_moment(values, "expires_at"),
        scopes=tuple(scopes.split()) if scopes else None,
    )
    identity = Identity(
        subject=_subject(values["provider_user_id"]),
        issuer=_text(values, "issuer"),
        username=_text(values, "display_name"),
        name=_text(values, "full_name"),
        email=_text(values, "email"),
        email_verified=values.get("email_verified") is True,
        profile_url=_text(values, "profile_url"),
        image_url=_text(values, "image_url"),
    )
    return Grant(provider_id=str(values["provider_id"]), token=token, identity=identity)


def is_stale(values: Mapping[str, Any]) -> bool:
    """Whether *values* say since when they are there, and that is too long ago, or yet to come.

    :raises ValueError: when their ``granted_at`` is no time.
    """
    if "granted_at" not in values:
        return False
    if (granted_at := _moment(values, "granted_at")) is None:
        raise ValueError("The granted_at among the values is no time.")
    return not -limits.CLOCK_SKEW <= clock.now() - granted_at <= limits.VALUES_LIFETIME


def _subject(value: Any) -> str:
    try:
        return read_subject(value)
    except ProviderError:
        raise ValueError("The provider_user_id among the values names no account.") from None


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    if not isinstance(value, str | None):
        raise ValueError(f"The {name} among the values is no text.")
    return value


def _moment(values: Mapping[str, Any], name: str) -> int | None:
    """Seconds since the epoch; ``time.time()`` gives them with a fraction."""
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"The {name} among the values is no time.")
    return int(value)
