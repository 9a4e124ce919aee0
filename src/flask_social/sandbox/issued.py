"""Applications at a provider, and what they were given there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .people import Person


@dataclass(slots=True, kw_only=True)
class Client:
    """An application known at a provider."""

    id: str
    secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = ()
    """Exact; none registered: any loopback address."""
    auth_methods: tuple[str, ...] = ()
    """Those registered; none: all that the provider knows."""
    public_key: str | None = None
    """PEM or JWK text, of whatever the client signs with."""
    encryption_key: str | None = None
    """The same, for what only it may read; *public_key* where there is none."""


@dataclass(slots=True, kw_only=True)
class Grant:
    """One person's consent for one client, and all that came of it."""

    client_id: str
    person: Person
    scopes: tuple[str, ...]
    auth_time: int
    redirect_uri: str = ""
    nonce: str | None = None
    challenge: str | None = None
    plain_challenge: bool = False
    code_expires_at: int = 0
    spent: bool = False
    revoked: bool = False
    offline: bool = False
    refresh_token: str | None = field(default=None, repr=False)
    """The one that is good now."""
    asked: dict[str, str] = field(default_factory=dict, repr=False)
    """The authorization request."""
    callback: dict[str, str] = field(default_factory=dict, repr=False)
    """What went back with the code."""
    told: Any = field(default=None, repr=False)
    """The latest token answer, before edits."""


@dataclass(slots=True)
class AccessToken:
    """An issued access token."""

    grant: Grant
    expires_at: int | None
    secret: str = field(default="", repr=False)
    """What it signs with, for OAuth 1.0a alone."""


@dataclass(slots=True, kw_only=True)
class RequestToken:
    """Temporary credentials of OAuth 1.0a (RFC 5849 section 2.1), and the person's word on them."""

    client_id: str
    secret: str = field(repr=False)
    callback: str
    expires_at: int
    verifier: str = field(default="", repr=False)
    grant: Grant | None = None
    spent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Something that an application published as a person."""

    id: str
    person: str
    """Their key."""
    text: str
    client_id: str
