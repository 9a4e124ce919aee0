"""The rows of the store in memory: their columns, which match a filter, and their order."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from .. import clock
from ..values import Secret
from .filters import ACCOUNT, is_exact, real_user
from .tokens import TOKENS, StoredToken


@dataclass(kw_only=True, eq=False)
class MemoryConnection:
    """A connection with the columns of the shipped mixins. Times are seconds since the epoch."""

    id: int = 0
    user: Any = None
    provider_id: str = ""
    issuer: str | None = None
    provider_user_id: str = ""
    access_token: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    token_type: str | None = None
    scopes: str | None = None
    expires_at: int | None = None
    display_name: str | None = None
    full_name: str | None = None
    email: str | None = None
    email_verified: bool = False
    profile_url: str | None = None
    image_url: str | None = None
    rank: int | None = None
    needs_reauth: bool = False
    version: int = 1
    lease_until: int | None = None
    created_at: int = field(default_factory=clock.now)
    updated_at: int = field(default_factory=clock.now)

    @property
    def user_id(self) -> Any:
        """The user's ``id``, or ``fs_uniquifier`` where there is none."""
        return getattr(self.user, "id", None) or getattr(self.user, "fs_uniquifier", None)


COLUMNS = frozenset(each.name for each in fields(MemoryConnection))


def token_of(row: MemoryConnection) -> StoredToken:
    """What *row* holds, as a value."""
    wanted = {each.name for each in fields(StoredToken)} & COLUMNS
    return StoredToken(key=row.id, **{name: getattr(row, name) for name in wanted})


def known_of(values: Any) -> dict[str, Any]:
    """Those of *values* that a row has a place for, its tokens hidden."""
    known = {name: value for name, value in values.items() if name in COLUMNS}
    if "user" in known:
        known["user"] = real_user(known["user"])
    hidden = {name: Secret(known[name]) for name in TOKENS if known.get(name) is not None}
    return known | hidden | {name: str(known[name]) for name in ACCOUNT if name in known}


def matches(row: MemoryConnection, filters: Any) -> bool:
    """Whether *row* is one that *filters* ask for; what is missing matches nothing."""
    if "user" in filters and not _is_same(row.user, real_user(filters["user"])):
        return False
    if "user_id" in filters:
        wanted = filters["user_id"]
        if wanted is None or str(row.user_id) != str(wanted):
            return False
    return is_exact(row, filters)


def _is_same(one: Any, other: Any) -> bool:
    uniquifier = getattr(other, "fs_uniquifier", None)
    same_key = uniquifier is not None and getattr(one, "fs_uniquifier", None) == uniquifier
    return other is not None and (same_key or bool(one == other))


def by_age(row: MemoryConnection) -> tuple[int, int]:
    """Sorts the oldest first."""
    return row.created_at, row.id


def by_rank(row: MemoryConnection) -> tuple[bool, int, int, int]:
    """Sorts the lowest rank first, rows without one last; then the oldest."""
    return row.rank is None, row.rank or 0, *by_age(row)
