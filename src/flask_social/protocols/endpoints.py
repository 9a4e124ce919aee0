"""Where a provider of OAuth 2.0 is spoken to, and what comes back from there."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..values import Discreet


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where a provider is spoken to, typed in or discovered (RFC 8414 section 2)."""

    authorize_url: str
    token_url: str
    userinfo_url: str | None = None
    jwks_url: str | None = None
    revoke_url: str | None = None
    par_url: str | None = None
    """Where the request is pushed to (RFC 9126 section 5)."""
    iss_required: bool = False
    """``authorization_response_iss_parameter_supported`` (RFC 9207 section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Discreet):
    """What the callback brought."""

    code: str = field(repr=False)
    kept: str | None = field(default=None, repr=False)
    """See :attr:`.OAuth2.kept`."""
