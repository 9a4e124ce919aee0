"""The tables that connections can come from, and what their columns are in our words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from ..datastore.filters import is_storable
from ..datastore.sealing import PREFIX
from ..datastore.tokens import TOKENS
from ..values import Secret
from .entries import Note

Raw = Mapping[str, Any]
"""A row by the names of its columns, as the driver gave it."""
Lengths = Mapping[str, int]
"""How many characters each text column was declared to hold, where it was."""

OLD_LENGTH = 255
"""What every column for tokens held in the model that 1.6.2 documents."""
EPOCH_RATHER_THAN_LIFETIME = 2 * 365 * 86400
"""Seconds: social-core keeps either one under the name ``expires``."""
LAST_SECOND = 2**53
_GAPS = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Brought:
    """What a row brings besides whose account it is: values by the names of our columns."""

    values: Mapping[str, Any] = field(repr=False)
    lost: Note | None = None
    """Why its tokens are not among them, though it had some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The table of one library."""

    title: str
    """What ``--from`` calls it."""
    table: str
    provider: str
    """The column that names the provider."""
    subject: str
    """The column with the account's id there."""
    user: str
    """The column with the user's key here."""
    others: tuple[str, ...]
    """Further columns, where the table has them."""
    read: Callable[[Raw, Lengths], Brought]
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Providers by the names that they have there, where those are others than ours."""

    def with_columns(self, subject: str | None, user: str | None) -> Self:
        """The same, where the application gave one of these columns another name."""
        return replace(self, subject=subject or self.subject, user=user or self.user)


def from_flask_social(raw: Raw, lengths: Lengths) -> Brought:
    """The documented columns. Tokens as long as their column are taken for cut ones."""
    tokens = {name: _text(raw.get(name)) for name in ("access_token", "secret")}
    cut = any(
        len(token) in (OLD_LENGTH, lengths.get(name)) and not token.startswith(PREFIX)
        for name, token in tokens.items()
        if token is not None
    )
    rank = raw.get("rank")
    profile = ("display_name", "full_name", "email", "profile_url", "image_url")
    values: dict[str, Any] = {name: _text(raw.get(name)) for name in profile}
    values["rank"] = rank if isinstance(rank, int) else None
    return _brought({**values, **tokens}, Note.CUT if cut else None)


def from_flask_dance(raw: Raw, lengths: Lengths) -> Brought:
    """The token as its provider granted it: OAuth 2.0's or OAuth 1.0a's, with ``expires_at``."""
    token = _document(raw.get("token"))
    if token is None:
        return _brought({}, Note.UNREADABLE if raw.get("token") is not None else None)
    values = _granted(token)
    values["expires_at"] = _second(token.get("expires_at"))
    values["display_name"] = _text(raw.get("provider_user_login")) or values["display_name"]
    return _brought(values)


def from_social_core(raw: Raw, lengths: Lengths) -> Brought:
    """What social-core keeps as ``extra_data``; OAuth 1.0a's token is a mapping inside."""
    extra = _document(raw.get("extra_data"))
    if extra is None:
        return _brought({}, Note.UNREADABLE if raw.get("extra_data") is not None else None)
    signed = extra.get("access_token")
    if isinstance(signed, str) and signed.startswith("{"):
        signed = _document(signed)
    values = _granted({**extra, **signed} if isinstance(signed, Mapping) else extra)
    expires = _second(extra.get("expires_on"))
    given = _second(extra.get("expires", extra.get("expires_in")))
    since = _second(extra.get("auth_time"))
    if expires is None and given is not None and given > EPOCH_RATHER_THAN_LIFETIME:
        expires = given
    elif expires is None and given is not None and since is not None:
        expires = since + given
    values["expires_at"] = expires
    return _brought(values)


def _granted(token: Mapping[str, Any]) -> dict[str, Any]:
    """Of a token's answer what connections have columns for."""
    scopes = token.get("scope")
    listed = scopes if isinstance(scopes, list) else _GAPS.split(_text(scopes) or "")
    names = ("screen_name", "login", "username")
    values = {name: _text(token.get(name)) for name in ("refresh_token", "id_token", "token_type")}
    return values | {
        "access_token": _text(token.get("oauth_token")) or _text(token.get("access_token")),
        "secret": _text(token.get("oauth_token_secret")),
        "scopes": " ".join(filter(None, map(_text, listed))) or None,
        "display_name": next(filter(None, (_text(token.get(name)) for name in names)), None),
    }


def _brought(values: dict[str, Any], lost: Note | None = None) -> Brought:
    """*values*, its tokens as secrets: all of them, or none where one is lost."""
    tokens = {name: values.get(name) for name in TOKENS}
    if any(token is not None and not is_storable(token) for token in tokens.values()):
        lost = lost or Note.UNREADABLE
    if lost is not None or not tokens["access_token"]:
        gone = dict.fromkeys((*TOKENS, "token_type", "scopes", "expires_at"))
        return Brought(values | gone, lost)
    hidden = {name: Secret(token) if token else None for name, token in tokens.items()}
    unfit = [name for name in ("token_type", "scopes") if not is_storable(values.get(name) or "")]
    return Brought(values | hidden | dict.fromkeys(unfit))


def text_of(value: Any) -> str | None:
    """*value*, an id or a name, as the text that it is known by; ``None`` if it is none."""
    match value:
        case str():
            return value
        case bool():
            return None
        case bytes() | bytearray() | memoryview():
            return bytes(value).decode(errors="surrogateescape")  # no store holds what is not UTF-8
        case int() | UUID():
            return str(value)
        case Decimal() if value == value.to_integral_value():
            return str(int(value))
    return None


def _text(value: Any) -> str | None:
    """*value* as a text that is kept only for its content."""
    return text_of(value) or None


def _second(value: Any) -> int | None:
    """*value* as seconds, since the epoch or not; ``None`` when it is no sensible number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if 0 < number < LAST_SECOND else None


def _document(value: Any) -> Mapping[str, Any] | None:
    """The JSON object that *value* is or spells, were it twice."""
    for _ in range(2):
        if isinstance(value, str | bytes | bytearray | memoryview):
            try:
                value = json.loads(value if isinstance(value, str) else bytes(value))
            except (ValueError, RecursionError):
                return None
    return value if isinstance(value, Mapping) else None


SOURCES = {
    source.title: source
    for source in (
        Source(
            title="flask-social-1.6",
            table="connection",
            provider="provider_id",
            subject="provider_user_id",
            user="user_id",
            others=(
                *("access_token", "secret", "display_name", "full_name", "email"),
                *("profile_url", "image_url", "rank", "issuer", "updated_at"),
            ),
            read=from_flask_social,
        ),
        Source(
            title="flask-dance",
            table="flask_dance_oauth",
            provider="provider",
            subject="provider_user_id",
            user="user_id",
            others=("token", "provider_user_login"),
            read=from_flask_dance,
        ),
        Source(
            title="social-app-flask",
            table="social_auth_usersocialauth",
            provider="provider",
            subject="uid",
            user="user_id",
            others=("extra_data",),
            read=from_social_core,
            # Those whose ids are the ones that the provider gives us too.
            renamed={
                **dict.fromkeys(("google-oauth2", "google-openidconnect"), "google"),
                **dict.fromkeys(("facebook-app", "facebook-limited-login"), "facebook"),
                **dict.fromkeys(("github-org", "github-team", "github-app"), "github"),
                **dict.fromkeys(("vk-oauth2", "vk-app"), "vk"),
                "linkedin-openidconnect": "linkedin",
                "apple-id": "apple",
                "bitbucket-oauth2": "bitbucket",
                "dropbox-oauth2": "dropbox",
                "microsoft-graph": "microsoft",
                "salesforce-oauth2": "salesforce",
                "twitter-oauth2": "twitter2",
                "yahoo-oauth2": "yahoo",
                "yandex-oauth2": "yandex",
                "zoom-oauth2": "zoom",
            },
        ),
    )
}
"""Every source by what ``--from`` calls it."""
