"""The extension: ``Social(app, datastore)``."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from flask import Flask, has_app_context

from . import cli, config, limits, outage, routes, sealed_session, security, signals, token_source
from .config import Settings
from .datastore.base import ConnectionDatastore, Ledger
from .errors import ConfigurationError
from .flows.ledger import MemoryLedger
from .messages import MESSAGES
from .own_views import OAuthRemoteApp
from .registration import Registration
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
        providers = {
            name: OAuthRemoteApp(each.provider, each.client, store, wire.options, each.module, wire)
            for name, each in registrations.items()
        }
        ledger = _ledger(app, settings, store)
        made = SocialState(app, settings, providers, store, ledger, wire, self._hooks)
        app.extensions["social"] = made
        if settings.connection_datastore:
            setattr(app, settings.connection_datastore, store)
        sealed_session.install(app)
        outage.end_with_requests(app, store)
        app.cli.add_command(cli.social)
        routes.add_to(app, settings, store.faults)
        _tell_second_factors(app)
        _warn_of_no_pkce(registrations.values())
        for warning in _warnings(app, settings, registrations):
            log.warning(warning)
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
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        call_timeout=settings.call_timeout,
        request_timeout=settings.request_timeout,
    )
    pool(options)  # a proxy or a CA bundle that cannot be used stops the start
    return options


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


def _tell_second_factors(app: Flask) -> None:
    """Send ``login_completed`` when a second factor passes on a login that a provider began."""

    def completed(provider_id: str, user: Any) -> None:
        remote = state().providers.get(provider_id)
        signals.tell(signals.login_completed, provider=remote, user=user)

    app.extensions["social_second_factor"] = security.on_second_factor(app, completed)


def _warn_of_no_pkce(registrations: Iterable[Registration]) -> None:
    """Say which providers are asked without PKCE (RFC 9700 section 2.1.1)."""
    for each in registrations:
        if getattr(each.provider, "pkce", True) is False:
            log.warning(
                "SOCIAL_%s: pkce is off, so that a code that leaks is of use to whoever finds it.",
                each.provider.id.upper(),
            )


def _warnings(
    app: Flask, settings: Settings, registrations: Mapping[str, Registration]
) -> Iterator[str]:
    """What works and yet should not stay, with the key that it is about."""
    if not (app.debug or app.testing):
        yield from _warnings_in_earnest(app, settings)
    if settings.allow_insecure_providers:
        yield "SOCIAL_ALLOW_INSECURE_PROVIDERS lets tokens travel over plain http."
    for code in settings.messages.keys() - MESSAGES.keys():
        for near in difflib.get_close_matches(code, MESSAGES, n=1, cutoff=0.85):
            yield f"SOCIAL_MSG_{code.upper()}: did you mean SOCIAL_MSG_{near.upper()}?"
    seen: dict[tuple[Any, str], str] = {}
    for name, each in registrations.items():
        key = f"SOCIAL_{name.upper()}"
        for what in each.lowered:
            yield f"{key}: {what} takes protection away. Does this provider leave no other way?"
        asked = each.provider
        place = getattr(asked, "issuer", None) or getattr(asked, "token_url", None) or name
        twin = seen.setdefault((place, each.client.id), key)
        if twin != key:
            yield f"{key} and {twin} are one client at one provider: one account counts as two."


def _warnings_in_earnest(app: Flask, settings: Settings) -> Iterator[str]:
    """The same, of what is right in debug and testing."""
    if not (settings.app_url or app.config.get("SERVER_NAME") or app.config.get("TRUSTED_HOSTS")):
        yield (
            "Callback URLs follow the Host header of each request. Set SOCIAL_APP_URL, SERVER_NAME "
            "or TRUSTED_HOSTS."
        )
    if settings.store_tokens and not settings.token_keys:
        yield (
            "SOCIAL_TOKEN_KEYS is not set: whoever gets a copy of the database can use the tokens "
            "in it. `flask social new-key` makes a key."
        )
    if (settings.app_url or "").lower().startswith("http:"):
        yield "SOCIAL_APP_URL is plain http: whoever is on the way reads codes and sessions."
    if any(origin.startswith("http:") for origin in settings.trusted_origins):
        yield "SOCIAL_TRUSTED_ORIGINS has a plain http origin: anybody on the way can speak for it."
    if settings.request_timeout > limits.REQUEST_TIMEOUT:
        seconds = f"{settings.request_timeout:g}"
        yield f"SOCIAL_REQUEST_TIMEOUT lets a provider hold a worker for {seconds} seconds."
