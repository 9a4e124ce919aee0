"""The token of one connection, fresh whenever it is asked for, in an application of Flask."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, has_app_context, has_request_context, url_for
from werkzeug.routing import BuildError

from . import signals
from .datastore.base import ConnectionDatastore
from .datastore.tokens import StoredToken
from .errors import ProviderError, ReconnectNeeded, StoreUnavailable
from .flows.backoff import Backoff
from .flows.issuers import is_foreign
from .flows.needs import Held, Need
from .flows.tokens import Keeper
from .protocols.base import Provider
from .protocols.refreshing import Known
from .transport import Wire
from .values import Client, Token, Unreadable

log = logging.getLogger("flask_social")

T = TypeVar("T")

SPARE = 5
"""Seconds that a lease has beyond the deadline of a request to a provider, for the database."""
NEEDED = ("expires_at", "version", "lease_until", "needs_reauth")
"""Columns for when a token is due, who refreshes it, and whether that is of any use."""


class Remote(Protocol):
    """What is needed of a :class:`~flask_social.remote.RemoteApp`."""

    @property
    def provider(self) -> Provider: ...

    @property
    def client(self) -> Client: ...

    @property
    def datastore(self) -> ConnectionDatastore: ...

    @property
    def wire(self) -> Wire: ...

    @property
    def backoff(self) -> Backoff: ...


def keeper_of(remote: Remote) -> Keeper:
    """What keeps the tokens of *remote*'s connections fresh."""
    refresh: Any = getattr(remote.provider, "refresh", None)

    def ask(token: Token, known: Known) -> Token:
        renewed: Token = refresh(remote.client, token, known, remote.wire.for_request())
        return renewed

    return Keeper(
        store=remote.datastore,
        refresh=ask if refresh else None,
        lease=math.ceil(remote.wire.options.request_timeout) + SPARE,
        backoff=remote.backoff,
        on_broken=tell_broken(remote.datastore),
        breaks_on_401=getattr(remote.provider, "breaks_on_401", True),
    )


class TokenSource:
    """Gives a connection's token, as a session asks for it: in any thread, and for any time.

    It holds on to the application. A thread that is in none, as a client library may start, works
    in a context of its own.
    """

    def __init__(self, keeper: Keeper, connection: Any) -> None:
        self.keeper = keeper
        self.connection = connection
        self.held = Held.of(connection)
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def require_own(self, provider: Provider) -> None:
        """:raises ReconnectNeeded: ``changed``, where another server than *provider*'s gave it.

        Nothing is marked in the row: that may be right, and the configuration wrong.
        """

        def refuse() -> NoReturn:
            raise ReconnectNeeded(self.held.provider_id, self.held.provider_user_id, "changed")

        issuer = getattr(self.connection, "issuer", None)
        if issuer and is_foreign(provider, issuer):
            self._done(refuse)

    def __call__(self) -> Token:
        """The token, with a minute before it expires."""
        return self.get(Need())

    def get(self, need: Need) -> Token:
        """A token that meets *need*.

        :raises ReconnectNeeded: when the person has to consent again.
        :raises ProviderUnavailable: when there is none now.
        :raises StoreUnavailable: when the database cannot be used now.
        """
        if not self.held.meets(need):
            self.held = self._done(lambda: self.keeper.fresh(self.held, need))
        return self.held.usable_token()

    def renew(self, refused: str) -> Token:
        """The token in place of the one that an API *refused*."""
        return self.get(Need(refused=refused))

    def give_up(self, refused: str) -> None:
        """The API *refused* that one too."""
        self._done(lambda: self.keeper.give_up(self.held, refused))

    def _done(self, work: Callable[[], T]) -> T:
        """What *work* gives, its failures as an application meets them."""
        with self._in_application():
            try:
                return work()
            except ReconnectNeeded as error:
                error.connection = self.connection
                error.reconnect_url = reconnect_url(error)
                raise
            except ProviderError as error:
                error.provider_id = self.held.provider_id
                raise
            except self.keeper.store.faults as fault:
                if self.keeper.store.trouble(fault) is None:
                    raise
                raise StoreUnavailable(self.keeper.store.told(fault)) from None

    @contextmanager
    def _in_application(self) -> Iterator[None]:
        if has_app_context() and current_app._get_current_object() is self._app:  # type: ignore[attr-defined]
            yield
        else:
            with self._app.app_context():
                yield


def has_token(connection: Any) -> bool:
    """Whether a token was ever stored: perhaps one that cannot be read, or is of no use now."""
    stored = [connection.access_token, getattr(connection, "refresh_token", None)]
    kept = any(each or isinstance(each, Unreadable) for each in stored)
    return kept or bool(getattr(connection, "needs_reauth", False))


def advice(model: Any) -> str | None:
    """What a connection *model* that keeps refresh tokens should have besides."""
    missing = [name for name in NEEDED if not hasattr(model, name)]
    if not missing or not hasattr(model, "refresh_token"):
        return None
    return (
        f"The connection model {model.__name__} has a refresh_token and no "
        f"{' and no '.join(missing)}: a token may be refreshed late, twice at once, or in vain. "
        f"Add what is missing, as flask_social.models has it."
    )


def tell_broken(store: ConnectionDatastore) -> Callable[[StoredToken, str], None]:
    """What tells the signal's receivers, and the log, of a connection of *store* that is broken."""

    def tell(row: StoredToken, reason: str) -> None:
        log.warning("%s: a connection is broken: %s", row.provider_id, reason)
        account = {"provider_id": row.provider_id, "provider_user_id": row.provider_user_id}
        try:
            connection = store.find_connection(**account)
            user = None if connection is None else connection.user
        except store.faults as fault:
            log.error("Nobody could be told of it: %s", store.told(fault))
            return
        if connection is not None:
            arguments = {"user": user, "connection": connection, "reason": reason}
            signals.tell(signals.connection_broken, **arguments)

    return tell


def reconnect_url(error: ReconnectNeeded) -> str | None:
    """The page that mends it: its path, or outside of requests, where it is known, its address."""
    settings = current_app.extensions["social"].settings
    values = {"provider_id": error.provider_id}
    view = "connect_callback" if error.reason == "removed" else "reconnect"
    if view == "reconnect":
        values["provider_user_id"] = error.provider_user_id
    endpoint = f"{settings.blueprint_name}.{view}"
    try:
        if has_request_context() or not settings.app_url:
            return url_for(endpoint, _external=not has_request_context(), **values)
        path = current_app.url_map.bind("localhost").build(endpoint, values)
    except (BuildError, RuntimeError):  # no SERVER_NAME, or a prefix with a place to fill
        return None
    root = str(settings.app_url).rstrip("/")
    mount = "" if urlsplit(root).path else current_app.config["APPLICATION_ROOT"].rstrip("/")
    return f"{root}{mount}{path}"
