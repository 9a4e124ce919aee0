"""``SOCIAL_*`` keys, read once while the application starts.

What is wrong stops the start with a :class:`~flask_social.errors.ConfigurationError` that
names the key. A key whose value is a mapping is a provider; every other key is a field of
:class:`Settings` by its lower-case name.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from flask import Flask

from . import limits
from .errors import ConfigurationError
from .kinds import declared, misfit
from .origins import origin_of
from .registration import Registration, register

PREFIX = "SOCIAL_"
SANDBOX_URL = "http://localhost:5001/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one application. Each field is the key ``SOCIAL_<FIELD>``."""

    url_prefix: str | None = None
    """Put before every route of the blueprint."""
    blueprint_name: str = "social"
    app_url: str | None = None
    """The address the application is registered under at providers: the root of callback URLs."""
    flash_messages: bool = True
    connect_allow_redirect: str | None = None
    """Where to go once an account is connected: an endpoint or an address."""
    connect_deny_redirect: str | None = None
    """Where to go when connecting was cancelled."""
    connect_allow_view: str | None = None
    """What 1.6 read in place of ``SOCIAL_CONNECT_ALLOW_REDIRECT``."""
    connect_deny_view: str | None = None
    """What 1.6 read in place of ``SOCIAL_CONNECT_DENY_REDIRECT``."""
    post_oauth_connect_session_key: str = "post_oauth_connect_url"
    """The session key to take a return address from when a form brings none."""
    post_oauth_login_session_key: str = "post_oauth_login_url"
    """The same for logins."""
    single_callback: bool = False
    """Use ``/callback/<provider_id>`` as the one redirect URI of every intent."""
    trusted_origins: tuple[str, ...] = ()
    """Origins of single-page applications elsewhere that may send POST and DELETE."""
    session_keep: tuple[str, ...] | None = None
    """The only session keys that survive a login; ``None`` keeps the application's own."""
    allow_last_disconnect: bool = False
    """Let a user remove the only way to sign in."""
    sandbox: bool | str = False
    """Send every provider to the sandbox, at its default address or this one."""
    allow_insecure_providers: bool = False
    """Speak plain http to providers outside debug and testing."""
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    flow_lifetime: int = limits.FLOW_LIFETIME
    connect_timeout: float = limits.CONNECT_TIMEOUT
    read_timeout: float = limits.READ_TIMEOUT
    call_timeout: float = limits.CALL_TIMEOUT
    request_timeout: float = limits.REQUEST_TIMEOUT
    ledger: Any = None
    """A :class:`~flask_social.datastore.base.Ledger` of the application's own."""
    connection_datastore: str | None = None
    """The attribute of the application under which the datastore is found too, as in 1.0.0."""
    messages: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Set by ``SOCIAL_MSG_<CODE>`` keys."""


RESERVED = frozenset(
    {
        "app",
        "connections",
        "datastore",
        "grant_checker",
        "hooks",
        "init_app",
        "newcomer_handler",
        "providers",
        "remote",
        "remotes",
        "settings",
        "wire",
    }
)
"""Attributes of ``social`` and its state that a provider of the same name would hide behind."""

SCALARS = {each.name for each in fields(Settings)} - {"messages"}
KINDS = declared(Settings)
LONGEST = 3_600
ADVICE = {
    "url_prefix": "must begin with a slash, such as '/social'",
    "blueprint_name": "must be a name without a dot",
    "app_url": "must be an address such as 'https://app.example'",
    "trusted_origins": "must list origins such as 'https://app.example', with nothing behind",
    "ledger": "must be an object with spend() and is_spent()",
    "connection_datastore": "must be the name of an attribute, such as 'connection_datastore'",
    "flow_lifetime": f"must be between 1 and {LONGEST} seconds",
    "connect_timeout": f"must be more than 0 and at most {LONGEST} seconds",
    "read_timeout": f"must be more than 0 and at most {LONGEST} seconds",
    "call_timeout": f"must be more than 0 and at most {LONGEST} seconds",
    "request_timeout": f"must be more than 0 and at most {LONGEST} seconds",
}
"""What to do about a value that is of the right type and yet cannot work."""


def read(app: Flask) -> tuple[Settings, dict[str, Registration]]:
    """The settings and the providers that *app* is configured for, by provider id.

    :raises ConfigurationError: for an unknown key, a value of the wrong type, a provider that
        lacks something, or an address that may not be used outside debug and testing.
    """
    found = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in app.config.items()
        if key.startswith(PREFIX) and value is not None
    }
    settings = _settings(
        {name: value for name, value in found.items() if not _is_provider(name, value)}
    )
    _refuse_taken(app, settings, found)
    trusting = app.debug or app.testing
    if settings.sandbox and not trusting:
        raise ConfigurationError(
            "SOCIAL_SANDBOX lets anybody be anybody, so it is for debug or testing alone: start by "
            "`flask --debug run`, or set app.debug or TESTING before Social is set up."
        )
    insecure = trusting or settings.allow_insecure_providers
    providers = {
        name: register(name, value, sandbox_url=_sandbox_url(settings), allow_http=insecure)
        for name, value in found.items()
        if _is_provider(name, value)
    }
    return settings, providers


def _is_provider(name: str, value: Any) -> bool:
    return isinstance(value, Mapping) and name not in SCALARS


def _settings(found: Mapping[str, Any]) -> Settings:
    """Every key that is not a provider, checked."""
    scalars: dict[str, Any] = {}
    messages: dict[str, tuple[str, str]] = {}
    for name, value in found.items():
        if name.startswith("msg_"):
            messages[name.removeprefix("msg_")] = _message(name, value)
        elif name in SCALARS:
            scalars[name] = _checked(name, value)
        else:
            raise ConfigurationError(_unknown(name, value))
    settings = Settings(**scalars, messages=messages)
    _refuse_unusable(settings)
    return settings


def _message(name: str, value: Any) -> tuple[str, str]:
    """*value*, if it is a text with no place but ``{provider}``, and a flash category."""
    key = PREFIX + name.upper()
    match value:
        case (str(text), str(category)):
            try:
                text.format(provider="")
            except (AttributeError, LookupError, TypeError, ValueError):
                raise ConfigurationError(f"{key} has a place other than {{provider}}.") from None
            return text, category
    raise ConfigurationError(f"{key} must be a tuple (text, flash category).")


def _checked(name: str, value: Any) -> Any:
    """*value*, if it is of the type its field wants; lists become tuples."""
    if isinstance(value, list | set | frozenset):
        value = tuple(value)
    if wanted := misfit(KINDS[name], value):
        raise ConfigurationError(
            f"{PREFIX}{name.upper()} must be {wanted}, not {type(value).__name__}."
        )
    return value


def _refuse_unusable(settings: Settings) -> None:
    """:raises ConfigurationError: for a value of the right type that cannot work."""
    app_url, ledger = settings.app_url or "http://localhost", settings.ledger
    attribute = settings.connection_datastore
    spends = hasattr(ledger, "spend") and hasattr(ledger, "is_spent")
    seconds = [name for name in ADVICE if name.endswith(("_lifetime", "_timeout"))]
    unusable = {
        "url_prefix": not (settings.url_prefix or "/").startswith("/"),
        "blueprint_name": not settings.blueprint_name or "." in settings.blueprint_name,
        "app_url": not (origin_of(app_url) and app_url.startswith(("http://", "https://"))),
        "trusted_origins": any(origin_of(each) != each for each in settings.trusted_origins),
        "ledger": isinstance(ledger, type) or not (ledger is None or spends),
        "connection_datastore": not (attribute is None or attribute.isidentifier()),
        **{name: not 0 < getattr(settings, name) <= LONGEST for name in seconds},
    }
    for name, is_unusable in unusable.items():
        if is_unusable:
            raise ConfigurationError(f"{PREFIX}{name.upper()} {ADVICE[name]}.")


def _refuse_taken(app: Flask, settings: Settings, found: Mapping[str, Any]) -> None:
    """:raises ConfigurationError: for names under which something else is found."""
    if taken := sorted(RESERVED & found.keys()):
        raise ConfigurationError(
            f"{PREFIX}{taken[0].upper()} cannot be a provider: social.{taken[0]} is something else."
        )
    if (attribute := settings.connection_datastore) and hasattr(app, attribute):
        raise ConfigurationError(
            f"{PREFIX}CONNECTION_DATASTORE: the application has another {attribute!r} already."
        )


def _unknown(name: str, value: Any) -> str:
    key = PREFIX + name.upper()
    near = difflib.get_close_matches(name, sorted(SCALARS), n=1)
    hint = f" Did you mean {PREFIX}{near[0].upper()}?" if near else ""
    return (
        f"{key} is no setting of Flask-Social.{hint} A provider takes a mapping, such as "
        f"{{'consumer_key': ..., 'consumer_secret': ...}}, not {type(value).__name__}."
    )


def _sandbox_url(settings: Settings) -> str | None:
    if isinstance(settings.sandbox, str):
        return settings.sandbox.rstrip("/") + "/"
    return SANDBOX_URL if settings.sandbox else None
