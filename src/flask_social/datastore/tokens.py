"""The token of one row as a value, with what a compare-and-swap needs to know of the row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..values import Discreet, Unreadable

TOKENS = ("access_token", "secret", "refresh_token", "id_token")
"""The columns that are sealed."""
BATCH = 500
"""Rows that one query of a long run reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken(Discreet):
    """What a row held when it was read, its tokens opened. Columns it lacks are ``None``."""

    key: Any
    """The row's primary key."""
    provider_id: str
    provider_user_id: str
    issuer: str | None = None
    access_token: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    token_type: str | None = None
    scopes: str | None = None
    expires_at: int | None = None
    """Seconds since the epoch."""
    needs_reauth: bool = False
    version: int | None = None
    lease_until: int | None = None
    """Seconds since the epoch: until when one process has the renewal to itself."""
    stored: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    """The four as the database has them, sealed or not."""

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Which of the four are there and cannot be opened."""
        return tuple(name for name in TOKENS if isinstance(getattr(self, name), Unreadable))
