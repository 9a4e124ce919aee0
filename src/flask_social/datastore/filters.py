"""What every store makes of its filters, whatever keeps the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FILTERS = ("user", "user_id", "provider_id", "provider_user_id")
ACCOUNT = ("provider_id", "provider_user_id")
"""The two that name an account at a provider."""


def checked(filters: Mapping[str, Any], *, needed: bool = False) -> Mapping[str, Any]:
    """*filters*, when all of them are known.

    :param needed: refuse an empty set, which would match everybody's connections.
    :raises TypeError: names the unknown filter and those there are.
    """
    unknown = [name for name in filters if name not in FILTERS]
    if unknown or (needed and not filters):
        wrong = f"no filter {unknown[0]!r}" if unknown else "a filter is needed"
        raise TypeError(f"{wrong}; there are {', '.join(FILTERS)}")
    return filters


def is_exact(row: Any, filters: Mapping[str, Any]) -> bool:
    """Whether *row* is of the very account asked for.

    A database may fold case, accents or trailing spaces when it compares. Identity may not.
    """
    return all(str(getattr(row, name)) == str(filters[name]) for name in ACCOUNT if name in filters)


def real_user(user: Any) -> Any:
    """The user itself, where *user* is a proxy such as ``current_user``."""
    unwrap = getattr(user, "_get_current_object", None)
    return user if unwrap is None else unwrap()


def is_storable(text: str) -> bool:
    """Whether every database can hold *text*: no NUL character, no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
