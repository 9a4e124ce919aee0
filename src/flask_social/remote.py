"""``social.<provider>``: one configured provider, as an application sees it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NoReturn, Self

from markupsafe import Markup

from . import clock, expiring, marks, security
from .datastore.base import ConnectionDatastore
from .errors import ConfigurationError, ReconnectNeeded
from .flows import revocation
from .flows.backoff import Backoff
from .flows.needs import MARGIN, Need
from .flows.revocation import NotRevoked, Revocation, Revoked
from .http import Send
from .instances import PerVisitor
from .protocols.base import Provider
from .registration import Registration
from .sessions import client_for
from .token_source import TokenSource, has_token, keeper_of
from .transport import TransportOptions, Wire
from .values import Client, Token

log = logging.getLogger("flask_social")


@dataclass(frozen=True, slots=True)
class RemoteApp:
    """A provider that the application is registered at, and the connections to it."""

    registration: Registration
    datastore: ConnectionDatastore
    wire: Wire
    """The application's way to it."""
    backoff: Backoff = field(default_factory=Backoff)
    """How long it leaves this one alone, for each connection."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a provider object holds secrets and is not for pickling or copying")

    @property
    def id(self) -> str:
        """The name in the configuration key and in URLs, lower case."""
        return self.registration.id

    @property
    def name(self) -> str:
        """The name for people."""
        return self.registration.name

    @property
    def provider(self) -> Provider:
        """What speaks to it. A stock provider's file is read when this is first asked for."""
        return self.registration.provider

    @property
    def client(self) -> Client:
        """What the application registered there."""
        return self.registration.client

    @property
    def module(self) -> str | None:
        """The dotted name of the module that defines it; ``None`` for configuration alone."""
        return self.registration.module

    @property
    def transport(self) -> TransportOptions:
        """How it is reached."""
        return self.wire.options

    @property
    def mark(self) -> Markup:
        """A neutral mark beside the name, as SVG: the initial on a disc of the brand's colour."""
        return marks.svg(self.name, self.registration.color)

    @property
    def consumer_key(self) -> str:
        """What the provider calls client id, app id or API key."""
        return self.client.id

    @property
    def consumer_secret(self) -> str | None:
        """The secret that goes with it."""
        return self.client.secret

    @property
    def api_url(self) -> str:
        """Where the provider's API begins. :raises ConfigurationError: when nothing says so."""
        url = getattr(self.provider, "api_url", None) or getattr(self.provider, "issuer", None)
        if not url:
            raise ConfigurationError(f"SOCIAL_{self.id.upper()} has no api_url.")
        return str(url)

    def get_connections(self, user: Any = None) -> Sequence[Any]:
        """A user's connections to this provider, lowest rank first.

        :param user: whose; without it, whoever is signed in. Outside a request give one.
        """
        user = security.visitor() if user is None else user
        if user is None:
            return []
        return self.datastore.find_connections(user=user, provider_id=self.id)

    def get_connection(
        self, user: Any = None, *, provider_user_id: str | None = None
    ) -> Any | None:
        """A user's first connection to this provider; ``None`` without one.

        :param user: whose; without it, whoever is signed in.
        :param provider_user_id: the one with this id, where the user has several.
        """
        for connection in self.get_connections(user):
            if provider_user_id in (None, str(connection.provider_user_id)):
                return connection
        return None

    def get_api(self, user: Any = None, *, connection: Any = None) -> Any | None:
        """A client of this provider's API with the user's token; ``None`` without a connection.

        The token is fresh now, and a session asks for it again with each request. A token that
        expires within a minute is refreshed, once, however many processes ask for it.

        :param user: whose; without it, whoever is signed in. Outside a request give one.
        :param connection: the connection to use, where the user has several.
        :returns: an :class:`~flask_social.api.ApiSession`, or the vendor's client that the
            provider's ``api`` hook makes of one.
        :raises ValueError: for a connection to another provider.
        :raises ReconnectNeeded: when the person has to consent again.
        :raises ProviderUnavailable: when the token is due and cannot be refreshed now.
        :raises StoreUnavailable: when that needs the database, and it cannot be used now.
        """
        connection = self.get_connection(user) if connection is None else connection
        there = self._where(connection)
        if (source := there._source(connection, Need())) is None:
            return None
        return client_for(there.provider, there.client, self.transport, there.api_url, source)

    def get_token(self, user: Any = None, *, connection: Any = None) -> Token | None:
        """The user's token, fresh as in :meth:`get_api`, for what speaks HTTP by itself.

        It comes without the refresh token: ask again in place of keeping it.

        :returns: ``None`` without a connection, or where no token is stored.
        :raises ReconnectNeeded: and what else :meth:`get_api` raises.
        """
        connection = self.get_connection(user) if connection is None else connection
        source = self._where(connection)._source(connection, Need())
        return None if source is None else source()

    def fresh_token(self, connection: Any, *, within: int = MARGIN) -> Token | None:
        """The token of *connection*, refreshed if it expires *within* so many seconds.

        For jobs that refresh ahead of time: unlike :meth:`get_token` it does not make do with the
        old token, as long as that lasts, where the provider cannot be reached now.

        :raises ReconnectNeeded: and what else :meth:`get_api` raises.
        """
        need = Need(within=within, strict=True)
        source = self._where(connection)._source(connection, need)
        return None if source is None else source.held.usable_token()

    def _source(self, connection: Any, need: Need) -> TokenSource | None:
        """What gives the token of the connection, which it has seen to once."""
        if connection is None or not self.datastore.sealing.keeps:
            return None
        if not has_token(connection):
            return None
        source = TokenSource(keeper_of(self), connection)
        source.require_own(self.provider)
        try:
            source.get(need)
        except ReconnectNeeded as error:
            if error.reason == "removed":
                return None
            raise
        if source.held.row is not connection:
            self.datastore.show_token(connection, source.held.row)
        return source

    def at(self, subject: str) -> Self:
        """This provider where the account *subject* is, where its instances are many."""
        if not isinstance(self.registration, PerVisitor):
            return self
        there = self.registration.of(subject, self.datastore.registrations)
        return replace(self, registration=there)

    def _where(self, connection: Any) -> Self:
        """This provider where the account of *connection*, if there is one, is.

        :raises ValueError: for another provider's: its token is not for this one to see.
        """
        if connection is None:
            return self
        if connection.provider_id != self.id:
            raise ValueError(f"{self.id} was given a connection to {connection.provider_id}")
        return self.at(str(connection.provider_user_id))

    # Without a visitor.

    def connections(self, *, expiring_before: datetime | float | None = None) -> Iterator[Any]:
        """Everybody's connections to this provider, one after the other; no request is needed.

        They are read in batches, and each is loaded when its turn comes: one that is gone by then,
        or renewed, is passed over. With the step to the next one the read transaction that loaded
        it is ended, unless the application has work pending in it.

        :param expiring_before: only those whose token is known to expire before this time: one
            with a time zone, or seconds since the epoch.
        :raises ValueError: for a time without a time zone.
        """
        return expiring.connections(self.datastore, self.id, clock.seconds(expiring_before))

    def revoke(self, connection: Any) -> bool:
        """Ask the provider to take back the token of *connection*, which stays as it is.

        For an application that is about to delete the connection, or its user, by itself: nobody
        is asked then by our routes. There is one attempt, which ends within
        ``SOCIAL_REQUEST_TIMEOUT``.

        :returns: whether the provider says that the token is of no use any more. False also where
            it has no way to take one back, or none is stored that can be read.
        """
        there, token = self._where(connection), revocation.held_token(connection)
        issuer = getattr(connection, "issuer", None)
        self.datastore.release()
        return isinstance(there.give_back(token, there.wire.for_request(), issuer=issuer), Revoked)

    def give_back(self, token: Token | None, send: Send, *, issuer: str | None) -> Revocation:
        """Ask the provider to take *token* back, and log what came of it.

        :param issuer: who gave it, as far as its row says.
        """
        done = revocation.revoke(self.provider, self.client, token, send, issuer=issuer)
        if isinstance(done, Revoked):
            log.info("%s: a token was revoked", self.id)
        elif isinstance(done, NotRevoked):
            log.warning("%s: a token was not revoked: %s", self.id, done.error)
        return done
