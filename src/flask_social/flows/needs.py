"""What is known of a connection's token without asking, and what somebody needs of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

from .. import clock, limits
from ..values import Discreet, Secret, Token

MARGIN = 60
"""Seconds before its expiry from which on a token is refreshed."""
LONGEST_LEASE = limits.LONGEST_WAIT + limits.CLOCK_SKEW
"""Seconds. One that ends later was taken by a clock that is wrong, and is nobody's."""


@dataclass(frozen=True, slots=True)
class Need(Discreet):
    """What somebody needs of a token."""

    refused: str | None = field(default=None, repr=False)
    """The access token that an API has just refused."""
    within: int = MARGIN
    """Seconds for which it has to last."""
    strict: bool = False
    """Take none that lasts less, even if no better one is to be had now."""

    def is_met_by(self, holder: Any) -> bool:
        """Whether *holder*, a token or a row, has such a token."""
        return self._is_usable(holder, clock.now() + self.within)

    def may_do_with(self, holder: Any) -> bool:
        """Whether that of *holder* will do where no better one is to be had now."""
        return not self.strict and self._is_usable(holder, clock.now())

    def is_met_since(self, before: Any, holder: Any) -> bool:
        """Whether *holder* was given another token than *before*, however short its life is."""
        return holder.access_token != before.access_token and self._is_usable(holder, clock.now())

    def _is_usable(self, holder: Any, until: int) -> bool:
        if not holder.access_token or holder.access_token == self.refused:
            return False
        return lasts(holder, until)


@dataclass(frozen=True, slots=True)
class Held:
    """What is known in memory of a connection's token."""

    row: Any
    """The connection, or a :class:`~flask_social.datastore.tokens.StoredToken` of its row."""
    provider_id: str
    provider_user_id: str
    token: Token
    """An empty one where the person is known to have to consent again."""
    best_until: int = 0
    """Until when no better one is looked for: half the life of one that was got just now."""

    @classmethod
    def of(cls, row: Any) -> Self:
        """What *row* says, of any shape; columns that it lacks are unknown."""
        is_broken = getattr(row, "needs_reauth", False)
        token = Token(access_token="") if is_broken else token_of(row)
        return cls(row, row.provider_id, str(row.provider_user_id), token)

    @classmethod
    def got(cls, row: Any) -> Self:
        """The same, of a row that was looked at, and refreshed, for somebody's need."""
        held, now = cls.of(row), clock.now()
        expires_at = held.token.expires_at
        return held if expires_at is None else replace(held, best_until=(now + expires_at) // 2)

    def meets(self, need: Need) -> bool:
        """Whether *need* takes the token without a look at the row."""
        if need.is_met_by(self.token):
            return True
        return clock.now() < self.best_until and need.may_do_with(self.token)

    def usable_token(self) -> Token:
        """The token, without what it is refreshed with: whoever used that would spend it."""
        return replace(self.token, refresh_token=None)


def lasts(holder: Any, until: int) -> bool:
    """Whether the token of *holder* is good beyond *until*, as far as anybody knows."""
    return holder.expires_at is None or holder.expires_at > until


def is_leased(row: Any) -> bool:
    """Whether somebody is refreshing the token of *row* at this moment."""
    return row.lease_until is not None and 0 < row.lease_until - clock.now() <= LONGEST_LEASE


def token_of(row: Any) -> Token:
    """The token in a row of any shape; columns it lacks are unknown."""
    scopes = getattr(row, "scopes", None)
    expires_at = getattr(row, "expires_at", None)

    def secret(name: str) -> Secret | None:
        value = getattr(row, name, None)
        return Secret(value) if value else None

    return Token(
        access_token=secret("access_token") or Secret(""),
        secret=secret("secret"),
        refresh_token=secret("refresh_token"),
        id_token=secret("id_token"),
        token_type=getattr(row, "token_type", None) or "Bearer",
        expires_at=expires_at if isinstance(expires_at, int) else None,
        scopes=tuple(scopes.split()) if scopes else None,
    )


def columns_of(token: Token) -> dict[str, Any]:
    """A refreshed token in the words of a connection's columns; what is kept beside it stays."""
    beside = {} if token.secret is None else {"secret": token.secret}
    return {
        **beside,
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "id_token": token.id_token,
        "token_type": token.token_type,
        "scopes": None if token.scopes is None else " ".join(token.scopes),
        "expires_at": token.expires_at,
    }
