"""``SOCIAL_*`` keys, read once while the application starts.

What is wrong stops the start with a :class:`~flask_social.errors.ConfigurationError` that
names the key. A key whose value is a mapping is a provider; every other key is a field of
:class:`Settings` by its lower-case name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from flask import Flask

from . import limits
from .errors import ConfigurationError
from .kinds import declared, misfit
from .messages import replacement
from .per_visitor import register
from .protocols.client_metadata import Site
from .registration import Registration, enrolled
from .rules import RULES
from .values import Discreet

PREFIX = "SOCIAL_"
SANDBOX_URL = "http://localhost:5001/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Discreet):
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
    private_hosts: tuple[str, ...] = ()
    """Hosts that may be at private addresses although a tenant or a visitor named them."""
    provider_source: Any = None
    """Gives the mapping of a provider that no key names, by its id; ``None`` if there is none."""
    provider_source_max_age: int = limits.PROVIDER_SOURCE_MAX_AGE
    """For how many seconds what it gave is kept."""
    flow_lifetime: int = limits.FLOW_LIFETIME
    connect_timeout: float = limits.CONNECT_TIMEOUT
    read_timeout: float = limits.READ_TIMEOUT
    call_timeout: float = limits.CALL_TIMEOUT
    request_timeout: float = limits.REQUEST_TIMEOUT
    ledger: Any = None
    """A :class:`~flask_social.datastore.base.Ledger` of the application's own."""
    token_keys: Any = field(default=(), repr=False)
    """What tokens are sealed with at rest: ``"<key id>:<base64 of 32 bytes>"`` each, the one that
    seals first; or a function that gives such a list."""
    store_tokens: bool = True
    """Keep the tokens that providers grant. Without them ``get_api()`` gives nothing."""
    revoke_on_disconnect: bool = True
    """Ask the provider to revoke the tokens of a connection that its user removes."""
    connection_datastore: str | None = None
    """The attribute of the application under which the datastore is found too, as in 1.0.0."""
    messages: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Set by ``SOCIAL_MSG_<CODE>`` keys."""


RESERVED = frozenset({
    "app", "at_hand", "connections", "datastore", "find", "forget_provider", "grant_checker",
    "hooks", "init_app", "may_have", "newcomer_handler", "providers", "remote", "remotes",
    "settings", "sourced", "wire",
})  # fmt: skip
"""Attributes of ``social`` and its state that a provider of the same name would hide behind."""

EMPTY = frozenset({"app_url", "proxy", "ca_bundle"})
"""Settings where an empty text, as an environment variable leaves it, means that none is set."""
SCALARS = {each.name for each in fields(Settings)} - {"messages"}
KINDS = declared(Settings)
SOURCED = re.compile(r"[a-z0-9_-]{1,64}")
"""Ids that a provider source is asked for: one spelling each, whatever a database takes for
equal."""


def read(app: Flask) -> tuple[Settings, dict[str, Registration]]:
    """The settings and the providers that *app* is configured for, by provider id.

    :raises ConfigurationError: for an unknown key, a value of the wrong type, a provider that
        lacks something, or an address that may not be used outside debug and testing.
    """
    found = _found(app.config)
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
        name: register(name, value, sandbox_url=sandbox_url(settings), allow_http=insecure)
        for name, value in found.items()
        if _is_provider(name, value)
    }
    site = site_of(app, settings)
    return settings, {name: enrolled(each, site) for name, each in providers.items()}


def site_of(app: Flask, settings: Settings) -> Site:
    """Where *app* is reached, for providers that know it by an address."""
    return Site(
        address=settings.app_url or app.config.get("SERVER_NAME"),
        mount=app.config["APPLICATION_ROOT"],
        prefix=settings.url_prefix or "",
        single_callback=settings.single_callback,
        develops=app.debug or app.testing,
    )


def _found(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Those of *keys* that are ours and have a value, by their lower-case names."""
    found: dict[str, Any] = {}
    for key, value in keys.items():
        name = key.removeprefix(PREFIX).lower()
        if not key.startswith(PREFIX) or value is None or (value == "" and name in EMPTY):
            continue
        if name in found:
            raise ConfigurationError(f"{key} is there twice, in large and in small letters.")
        found[name] = value
    return found


def _is_provider(name: str, value: Any) -> bool:
    return isinstance(value, Mapping) and name not in SCALARS


def _settings(found: Mapping[str, Any]) -> Settings:
    """Every key that is not a provider, checked."""
    scalars: dict[str, Any] = {}
    messages: dict[str, tuple[str, str]] = {}
    for name, value in found.items():
        if name.startswith("msg_"):
            messages[name.removeprefix("msg_")] = replacement(PREFIX + name.upper(), value)
        elif name in SCALARS:
            scalars[name] = _checked(name, value)
        else:
            raise ConfigurationError(_unknown(name, value))
    settings = Settings(**scalars, messages=messages)
    _refuse_unusable(settings)
    return settings


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
    for name, (works, advice) in RULES.items():
        value = getattr(settings, name)
        if value is not None and not works(value):
            raise ConfigurationError(f"{PREFIX}{name.upper()} {advice}.")


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


def may_be_sourced(provider_id: str) -> bool:
    """Whether a provider source may be asked for *provider_id*."""
    taken = RESERVED | SCALARS
    return bool(SOURCED.fullmatch(provider_id)) and provider_id not in taken


def sandbox_url(settings: Settings) -> str | None:
    """Where the sandbox is, if providers are played by one; it ends in a slash."""
    if isinstance(settings.sandbox, str):
        return settings.sandbox.rstrip("/") + "/"
    return SANDBOX_URL if settings.sandbox else None
