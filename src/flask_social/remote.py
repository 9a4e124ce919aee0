"""``social.<provider>``: one configured provider, as an application sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from . import security
from .datastore.base import ConnectionDatastore
from .errors import ConfigurationError
from .protocols.base import Provider
from .protocols.credentials import bearer
from .transport import TransportOptions
from .values import Client, Secret, Token


@dataclass(frozen=True, slots=True)
class RemoteApp:
    """A provider that the application is registered at, and the connections to it."""

    provider: Provider
    client: Client
    datastore: ConnectionDatastore
    transport: TransportOptions
    module: str | None = None
    """The dotted name of the module that defines it; ``None`` for configuration alone."""

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

        :param user: whose; without it, whoever is signed in.
        :param connection: the connection to use, where the user has several.
        :returns: an :class:`~flask_social.api.ApiSession`, or the vendor's client that the
            provider's ``api`` hook makes of one.
        """
        if connection is None:
            connection = self.get_connection(user)
        if connection is None or not connection.access_token:
            return None
        from .api import ApiSession

        session = ApiSession(
            base_url=self.api_url,
            token=stored_token(connection),
            client=self.client,
            token_use=getattr(self.provider, "token_use", bearer),
            options=self.transport,
        )
        api = getattr(self.provider, "api", None)
        return session if api is None else api(session, connection, self.client)


def stored_token(connection: Any) -> Token:
    """The token in a row of any shape; columns it lacks are unknown."""
    scopes = getattr(connection, "scopes", None)

    def secret(name: str) -> Secret | None:
        value = getattr(connection, name, None)
        return None if value is None else Secret(value)

    return Token(
        access_token=Secret(connection.access_token),
        secret=secret("secret"),
        refresh_token=secret("refresh_token"),
        id_token=secret("id_token"),
        token_type=getattr(connection, "token_type", None) or "Bearer",
        expires_at=getattr(connection, "expires_at", None),
        scopes=tuple(scopes.split()) if scopes else None,
    )
