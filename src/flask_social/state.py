"""What one application has of this library: ``app.extensions["social"]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from flask import Flask, current_app

from .config import Settings
from .datastore.base import ConnectionDatastore, Ledger
from .errors import ConfigurationError, NotHere
from .remote import RemoteApp
from .transport import Wire
from .values import Grant

SETTINGS = frozenset(each.name for each in fields(Settings))


@dataclass(slots=True)
class Hooks:
    """The functions by which an application takes part in decisions."""

    newcomer: Callable[[Grant], Any | None] | None = None
    checkers: list[Callable[[Grant], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SocialState:
    """One application's settings, providers and store.

    Providers are attributes by their id, and settings by their key in lower case without
    ``SOCIAL_``: ``state.github``, ``state.app_url``.
    """

    app: Flask = field(repr=False)
    settings: Settings
    providers: Mapping[str, RemoteApp]
    """The configured providers by their id."""
    datastore: ConnectionDatastore
    ledger: Ledger
    wire: Wire
    hooks: Hooks

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self.providers:
            return self.providers[name]
        if name in SETTINGS:
            return getattr(self.settings, name)
        known = ", ".join(sorted(self.providers)) or "none"
        raise AttributeError(f"No provider {name!r} is configured; configured: {known}.")

    def remote(self, provider_id: str) -> RemoteApp:
        """The provider called *provider_id*. :raises NotHere: when none is configured so."""
        if provider_id not in self.providers:
            raise NotHere("unknown_provider")
        return self.providers[provider_id]


def state() -> SocialState:
    """The current application's. :raises ConfigurationError: when it has none."""
    found: SocialState | None = current_app.extensions.get("social")
    if found is None:
        raise ConfigurationError("Social is not set up for this application: call init_app(app).")
    return found
