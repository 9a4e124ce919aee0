"""The nouns: frozen values that one trip to a provider is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, NoReturn, Protocol, Self

PLACE = re.compile(r"\{(\w+)\}")
"""A name in braces: in an address, or in a parameter."""


class Secret(str):
    """A text that keeps itself out of logs and tracebacks: its ``repr`` shows nothing.

    Who writes it into another text has asked for it, and gets it: ``str()``, ``+``, ``%s``, an
    f-string, JSON. It is neither pickled nor copied deeply, so that what holds one gets neither
    into a cache nor, by ``dataclasses.asdict()`` or Flask's JSON, into an answer or a cookie.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"

    def __copy__(self) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "A secret is neither pickled nor copied deeply, as asdict() and jsonify() would. "
            "Take what you need by its name; str() of a secret is an ordinary text."
        )


class Unreadable(Secret):
    """A token that is stored and that no key opens. It is empty: nobody takes it for a token."""

    __slots__ = ()

    def __new__(cls) -> Self:
        return super().__new__(cls, "")


class Discreet:
    """A dataclass whose texts that its ``repr`` leaves out are secrets, whoever gave them."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]  # those that inherit are dataclasses
            if not each.repr and type(value := getattr(self, each.name)) is str:
                object.__setattr__(self, each.name, Secret(value))


class Intent(StrEnum):
    """What a trip is for. A trip started for one purpose never finishes as another."""

    LOGIN = "login"
    CONNECT = "connect"
    RECONNECT = "reconnect"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(Discreet):
    """What the application registered at a provider (RFC 6749 section 2.2)."""

    id: str
    secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    """PEM or JWK text, for ``private_key_jwt`` (OpenID Connect Core 9)."""
    key_id: str | None = None
    more: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What else some providers give, a team's id for instance, by the name of its setting. Some of
    it is secret, so that all of it is kept as secrets are."""

    def __post_init__(self) -> None:
        Discreet.__post_init__(self)  # with slots, super() is not the class that it seems
        more = {name: Secret(value) for name, value in self.more.items()}
        object.__setattr__(self, "more", more)

    def fill(self, text: str, **known: str | None) -> str | None:
        """*text* with what stands in braces filled in.

        That is ``{client_id}``, ``{client_secret}``, the names of :attr:`more`, and those *known*
        besides.

        :returns: ``None`` where something of it is not known.
        """
        if "{" not in text:
            return text
        found = {"client_id": self.id, "client_secret": self.secret, **self.more, **known}
        missing = [name for name in PLACE.findall(text) if found.get(name) is None]
        return None if missing else PLACE.sub(lambda place: str(found[place[1]]), text)

    def filled(self, members: Mapping[str, str], **known: str | None) -> dict[str, str]:
        """*members* but those of which something is not known, see :meth:`fill`."""
        texts = {name: self.fill(text, **known) for name, text in members.items()}
        return {name: text for name, text in texts.items() if text is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Discreet):
    """One trip to a provider. It leaves sealed with the visitor, and is spent when they return."""

    provider_id: str
    intent: Intent
    callback_url: str
    created_at: int
    """Seconds since the epoch."""
    user_id: str | None = None
    """``fs_uniquifier`` of the user who set out; ``None`` for a login."""
    subject: str | None = None
    """The account that must come back, where one is asked for (reconnect, verify)."""
    next_url: str | None = None
    remember: bool = False
    issuer: str | None = None
    state: str = field(default="", repr=False)
    """RFC 6749 section 10.12."""
    code_verifier: str = field(default="", repr=False)
    """RFC 7636 section 4.1."""
    nonce: str = field(default="", repr=False)
    """OpenID Connect Core 3.1.2.1."""
    request_token: str = field(default="", repr=False)
    request_secret: str = field(default="", repr=False)
    """RFC 5849 section 2.1. Of a token that is bound to a key (RFC 9449) the secret is that key."""

    @property
    def key(self) -> str:
        """What the callback carries to find this flow: the state, or OAuth 1.0a's request token."""
        return self.request_token or self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Discreet):
    """What a token endpoint granted (RFC 6749 section 5.1, RFC 5849 section 2.3)."""

    access_token: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    """OAuth 1.0a's token secret. Of OAuth 2.0 what later requests need beside the token: what the
    callback brought, a device's or a company's id, see :attr:`.OAuth2.kept`; or the key that the
    token is bound to, see :class:`.Bond`."""
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    token_type: str = "Bearer"
    expires_at: int | None = None
    """Seconds since the epoch; ``None`` when the provider does not say."""
    scopes: tuple[str, ...] | None = None
    """As granted; ``None`` when the provider does not say."""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person at a provider, in one vocabulary. Only *subject* (with *issuer*) identifies."""

    subject: str
    issuer: str | None = None
    username: str | None = None
    name: str | None = None
    email: str | None = None
    email_verified: bool = False
    """True only where the provider says that it checked this very address."""
    profile_url: str | None = None
    image_url: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a completed trip brought home."""

    provider_id: str
    token: Token
    identity: Identity


class Connection(Protocol):
    """The application's own row that ties a user to an account at a provider."""

    user: Any
    provider_id: str
    provider_user_id: str
    access_token: str | None
    secret: str | None
