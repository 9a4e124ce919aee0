"""``social.<provider>``: one configured provider, as an application sees it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from . import security
from .datastore.base import ConnectionDatastore
from .errors import ConfigurationError, ReconnectNeeded
from .flows import revocation
from .flows.backoff import Backoff
from .flows.needs import MARGIN, Need
from .flows.revocation import NotRevoked, Revocation, Revoked
from .http import Send
from .protocols.base import Provider
from .protocols.credentials import bearer
from .token_source import TokenSource, has_token, keeper_of
from .transport import TransportOptions, Wire
from .values import Client, Token

log = logging.getLogger("flask_social")


@dataclass(frozen=True, slots=True)
class RemoteApp:
    """A provider that the application is registered at, and the connections to it."""

    provider: Provider
    client: Client
    datastore: ConnectionDatastore
    transport: TransportOptions
    module: str | None = None
    """The dotted name of the module that defines it; ``None`` for configuration alone."""
    wire: Wire = field(default_factory=Wire)
    """The application's way to its providers."""
    backoff: Backoff = field(default_factory=Backoff)
    """How long it leaves this one alone, for each connection."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a provider object holds secrets and is not for pickling or copying")

    @property
    def id(self) -> str:
        """The name in the configuration key and in URLs, lower case."""
        return self.provider.id

    @property
    def name(self) -> str:
        """The name for people."""
        return self.provider.name

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
        source = self._source(user, connection, Need())
        if source is None:
            return None
        from .api import ApiSession

        session = ApiSession(
            base_url=self.api_url,
            token=source,
            client=self.client,
            token_use=getattr(self.provider, "token_use", bearer),
            options=self.transport,
            renewal=source if hasattr(self.provider, "refresh") else None,
        )
        api = getattr(self.provider, "api", None)
        return session if api is None else api(session, source.connection, self.client)

    def get_token(self, user: Any = None, *, connection: Any = None) -> Token | None:
        """The user's token, fresh as in :meth:`get_api`, for what speaks HTTP by itself.

        It comes without the refresh token: ask again in place of keeping it.

        :returns: ``None`` without a connection, or where no token is stored.
        :raises ReconnectNeeded: and what else :meth:`get_api` raises.
        """
        source = self._source(user, connection, Need())
        return None if source is None else source()

    def fresh_token(self, connection: Any, *, within: int = MARGIN) -> Token | None:
        """The token of *connection*, refreshed if it expires *within* so many seconds.

        For jobs that refresh ahead of time: unlike :meth:`get_token` it does not make do with the
        old token, as long as that lasts, where the provider cannot be reached now.

        :raises ReconnectNeeded: and what else :meth:`get_api` raises.
        """
        source = self._source(None, connection, Need(within=within, strict=True))
        return None if source is None else source.held.usable_token()

    def _source(self, user: Any, connection: Any, need: Need) -> TokenSource | None:
        """What gives the token of the connection, which it has seen to once."""
        if connection is None:
            connection = self.get_connection(user)
        if connection is None or not self.datastore.sealing.keeps:
            return None
        self._require_ours(connection)
        if not has_token(connection):
            return None
        source = TokenSource(keeper_of(self), connection)
        try:
            source.get(need)
        except ReconnectNeeded as error:
            if error.reason == "removed":
                return None
            raise
        if source.held.row is not connection:
            self.datastore.show_token(connection, source.held.row)
        return source

    def _require_ours(self, connection: Any) -> None:
        """:raises ValueError: for another provider's: its token is not for this one to see."""
        if connection.provider_id != self.id:
            raise ValueError(f"{self.id} was given a connection to {connection.provider_id}")

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
        return self._each(_seconds(expiring_before))

    def _each(self, before: int | None) -> Iterator[Any]:
        after = None
        while batch := self._batch(after, before):
            for after, subject in batch:  # noqa: B007 - the last key is where the next begins
                found = self.datastore.find_connection(
                    provider_id=self.id, provider_user_id=subject
                )
                if found is not None and _is_due(found, before):
                    yield found
                del found
                self.datastore.release()

    def _batch(self, after: Any, before: int | None) -> list[tuple[Any, str]]:
        """Keys and accounts of the next rows."""
        rows = self.datastore.stored_tokens(
            after=after, provider_id=self.id, expiring_before=before
        )
        return [(row.key, row.provider_user_id) for row in rows]

    def revoke(self, connection: Any) -> bool:
        """Ask the provider to take back the token of *connection*, which stays as it is.

        For an application that is about to delete the connection, or its user, by itself: nobody
        is asked then by our routes. There is one attempt, which ends within
        ``SOCIAL_REQUEST_TIMEOUT``.

        :returns: whether the provider says that the token is of no use any more. False also where
            it has no way to take one back, or none is stored that can be read.
        """
        self._require_ours(connection)
        token = revocation.held_token(connection)
        self.datastore.release()
        return isinstance(self.give_back(token, self.wire.for_request()), Revoked)

    def give_back(self, token: Token | None, send: Send) -> Revocation:
        """Ask the provider to take *token* back, and log what came of it."""
        done = revocation.revoke(self.provider, self.client, token, send)
        if isinstance(done, Revoked):
            log.info("%s: a token was revoked", self.id)
        elif isinstance(done, NotRevoked):
            log.warning("%s: a token was not revoked: %s", self.id, done.error)
        return done


def _seconds(when: datetime | float | None) -> int | None:
    """*when* in whole seconds since the epoch."""
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise ValueError("expiring_before has no time zone: datetime.now(UTC), say.")
        when = when.timestamp()
    return None if when is None else math.ceil(when)


def _is_due(connection: Any, before: int | None) -> bool:
    """Whether *connection*, as it is now, still expires before then."""
    expires_at = getattr(connection, "expires_at", None)
    return before is None or not isinstance(expires_at, int) or expires_at < before
