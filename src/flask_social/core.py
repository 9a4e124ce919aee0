"""The extension: ``Social(app, datastore)``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, has_app_context

from . import (
    cautions,
    cli,
    config,
    instances,
    outage,
    per_visitor,
    routes,
    sealed_session,
    security,
    signals,
    tenancy,
    token_source,
)
from .config import Settings
from .datastore.base import ConnectionDatastore, Ledger
from .errors import ConfigurationError
from .flows.ledger import MemoryLedger
from .own_views import OAuthRemoteApp
from .provider_source import ProviderSource
from .registration import Registration, enrolled
from .remote import RemoteApp
from .state import Hooks, SocialState, state
from .transport import TransportOptions, Wire, pool
from .values import Grant

log = logging.getLogger("flask_social")

Newcomer = TypeVar("Newcomer", bound=Callable[[Grant], Any])
Checker = TypeVar("Checker", bound=Callable[[Grant], None])


class Social:
    """The social accounts of an application's users.

    :param app: the application; without it call :meth:`init_app` later.
    :param datastore: where connections are kept, a
        :class:`~flask_social.SQLAlchemyConnectionDatastore` for instance.
    :raises ConfigurationError: for whatever cannot work, naming the key.

    Each configured provider is an attribute, ``social.github``, and so is each setting,
    ``social.app_url``, and the rest of what ``app.extensions["social"]`` has. One object may serve
    several applications: what it knows of one is kept in that application alone.
    """

    def __init__(
        self, app: Flask | None = None, datastore: ConnectionDatastore | None = None
    ) -> None:
        self._datastore = datastore
        self._hooks = Hooks()
        self._first = None if app is None else self.init_app(app)

    def init_app(self, app: Flask, datastore: ConnectionDatastore | None = None) -> SocialState:
        """Set *app* up: read its configuration and add the routes.

        :param datastore: where connections are kept, if the constructor was not told.
        :returns: what the application has of this library, also ``app.extensions["social"]``.
        :raises ConfigurationError: for whatever cannot work, naming the key.
        """
        if "social" in app.extensions:
            raise ConfigurationError("Social is set up for this application already.")
        _require_secrets(app)
        settings, registrations = config.read(app)
        routes.require_security(app, settings.url_prefix)
        store = _required(datastore or self._datastore)
        _seal(store, settings)
        wire = Wire(_transport(app, settings))
        fixed = app.debug or app.testing or cautions.has_address(app, settings)
        providers = _remotes(registrations, store, wire, callbacks_are_fixed=fixed)
        ledger = _ledger(app, settings, store)
        sourced = _sourced(app, settings, store, wire.options)
        made = SocialState(app, settings, providers, store, ledger, wire, self._hooks, sourced)
        app.extensions["social"] = made
        if settings.connection_datastore:
            setattr(app, settings.connection_datastore, store)
        sealed_session.install(app)
        outage.end_with_requests(app, store)
        app.cli.add_command(cli.social)
        routes.add_to(app, settings, store.faults)
        _tell_second_factors(app)
        cautions.tell(app, settings, registrations.values())
        return made

    def newcomer_handler(self, handler: Newcomer) -> Newcomer:
        """Decorate the function that is asked who an unknown visitor is.

        It gets the :class:`~flask_social.values.Grant` of somebody whom nobody here is connected
        to, and returns a user to connect and sign in, or ``None`` to refuse as ever. The user, new
        or not, and the connection are committed together.
        """
        self._hooks.newcomer = handler
        return handler

    def grant_checker(self, checker: Checker) -> Checker:
        """Decorate a function that may refuse a grant, by raising ``Denied``."""
        self._hooks.checkers.append(checker)
        return checker

    def connections(self, user: Any = None) -> Sequence[Any]:
        """All of a user's connections, in one query.

        :param user: whose; without it, whoever is signed in. Nobody has none.
        """
        user = security.visitor() if user is None else user
        return [] if user is None else state().datastore.find_connections(user=user)

    @property
    def providers(self) -> dict[str, RemoteApp]:
        """The configured providers by their id."""
        return dict(state().providers)

    def __getattr__(self, name: str) -> Any:
        """A provider by its id, or whatever else the application has of this library.

        Outside any application, where views are decorated, it is the constructor's.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        outside = self._first is not None and not has_app_context()
        return getattr(self._first if outside else state(), name)


def _require_secrets(app: Flask) -> None:
    """Trips are sealed with these: one that anybody can guess would open a forged one."""
    if not app.config.get("SECRET_KEY"):
        raise ConfigurationError("SECRET_KEY is not set, and trips are sealed with it.")
    former = app.config.get("SECRET_KEY_FALLBACKS") or []
    listed = isinstance(former, list | tuple)
    if not listed or not all(isinstance(k, str | bytes) and k for k in former):
        raise ConfigurationError(
            "SECRET_KEY_FALLBACKS takes a list of former secrets, and none of them may be empty."
        )


def _required(datastore: ConnectionDatastore | None) -> ConnectionDatastore:
    if not isinstance(datastore, ConnectionDatastore):
        raise ConfigurationError(
            "Social has no connection datastore: "
            "Social(app, SQLAlchemyConnectionDatastore(db, Connection))."
        )
    datastore.require_columns()
    if advice := token_source.advice(datastore.connection_model):
        log.warning(advice)
    return datastore


def _seal(store: ConnectionDatastore, settings: Settings) -> None:
    store.sealing.use(settings.token_keys, keeps=settings.store_tokens)
    store.require_room()


def _transport(app: Flask, settings: Settings) -> TransportOptions:
    options = TransportOptions(
        proxy=settings.proxy,
        ca_bundle=settings.ca_bundle,
        allow_http=app.debug or app.testing or settings.allow_insecure_providers,
        private_hosts=(*settings.private_hosts, *filter(None, [_sandbox_host(settings)])),
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        call_timeout=settings.call_timeout,
        request_timeout=settings.request_timeout,
    )
    pool(options)  # a proxy or a CA bundle that cannot be used stops the start
    return options


def _sandbox_host(settings: Settings) -> str | None:
    return urlsplit(config.sandbox_url(settings) or "").hostname


def _remotes(
    registrations: Mapping[str, Registration],
    store: ConnectionDatastore,
    wire: Wire,
    *,
    callbacks_are_fixed: bool,
) -> dict[str, RemoteApp]:
    """The configured providers by their id."""
    per_visitor.require_kept(registrations.values(), store, callbacks_are_fixed=callbacks_are_fixed)
    return {
        name: OAuthRemoteApp(each, store, instances.wire_for(each, wire))
        for name, each in registrations.items()
    }


def _ledger(app: Flask, settings: Settings, store: ConnectionDatastore) -> Ledger:
    """The one that is set, else that of the database, else memory."""
    for ledger in (settings.ledger, store.ledger):
        if ledger is not None:
            return ledger
    if not (app.debug or app.testing):
        log.warning(
            "Spent flows are remembered in this process only. With several workers give the "
            "datastore a flow model, or set SOCIAL_LEDGER."
        )
    return MemoryLedger()


def _sourced(
    app: Flask, settings: Settings, store: ConnectionDatastore, options: TransportOptions
) -> ProviderSource | None:
    """The provider source; what it names is reached past a guard, since no operator named it."""
    if settings.provider_source is None:
        return None
    sandbox_url = config.sandbox_url(settings)
    trusting, site = app.debug or app.testing, config.site_of(app, settings)
    wire = Wire(replace(options, guarded=True, allow_http=trusting))

    def make(name: str, mapping: Mapping[str, Any]) -> RemoteApp:
        found = tenancy.register(name, mapping, sandbox_url=sandbox_url, allow_http=trusting)
        return OAuthRemoteApp(enrolled(found, site), store, wire)

    max_age = settings.provider_source_max_age
    return ProviderSource(settings.provider_source, make, store, max_age=max_age)


def _tell_second_factors(app: Flask) -> None:
    """Send ``login_completed`` when a second factor passes on a login that a provider began."""

    def completed(provider_id: str, user: Any) -> None:
        remote = state().find(provider_id)
        signals.tell(signals.login_completed, provider=remote, user=user)

    app.extensions["social_second_factor"] = security.on_second_factor(app, completed)
