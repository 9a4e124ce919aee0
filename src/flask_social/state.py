"""What one application has of this library: ``app.extensions["social"]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from flask import Flask, current_app

from .config import Settings
from .datastore.base import ConnectionDatastore, Ledger
from .errors import ConfigurationError, NotHere, ProviderUnavailable
from .provider_source import ProviderSource
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
    sourced: ProviderSource | None = None
    """Where providers come from that the configuration does not name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self.providers:
            return self.providers[name]
        if name in SETTINGS:
            return getattr(self.settings, name)
        if self.sourced and (found := self.sourced.find(name)):
            return found
        known = ", ".join(sorted(self.providers)) or "none"
        raise AttributeError(f"No provider {name!r} is configured; configured: {known}.")

    def remote(self, provider_id: str) -> RemoteApp:
        """The provider called *provider_id*, configured or from the provider source.

        :raises NotHere: when there is none.
        :raises ProviderUnavailable: when the provider source fails, or gives what cannot be used.
        """
        found = self.providers.get(provider_id)
        if found is None and self.sourced:
            found = self.sourced.find(provider_id)
        if found is None:
            raise NotHere("unknown_provider")
        return found

    def find(self, provider_id: str) -> RemoteApp | None:
        """The same; ``None`` when there is none, or none that can be used now."""
        try:
            return self.remote(provider_id)
        except (NotHere, ProviderUnavailable):
            return None

    def at_hand(self, provider_id: str) -> RemoteApp | None:
        """The same, as far as it is known without asking the provider source."""
        found = self.providers.get(provider_id)
        return self.sourced.at_hand(provider_id) if found is None and self.sourced else found

    def may_have(self, provider_id: str) -> bool:
        """Whether there may be such a provider, for all that is known without asking."""
        sourced = self.sourced
        return provider_id in self.providers or bool(sourced and sourced.may_have(provider_id))

    def forget_provider(self, provider_id: str) -> None:
        """Ask the provider source anew for *provider_id*, when it is next needed here.

        For when its row has changed: other processes find that out when what they keep is too old.
        """
        if self.sourced:
            self.sourced.forget(provider_id)


def state() -> SocialState:
    """The current application's. :raises ConfigurationError: when it has none."""
    found: SocialState | None = current_app.extensions.get("social")
    if found is None:
        raise ConfigurationError("Social is not set up for this application: call init_app(app).")
    return found
