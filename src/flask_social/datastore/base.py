"""What the library asks of a connection store, whatever keeps the rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..errors import ConfigurationError, SocialError
from .registrations import Registrations
from .sealing import TokenSealing
from .tokens import BATCH, StoredToken
from .trouble import Trouble

REQUIRED = ("user", "provider_id", "provider_user_id", "access_token")
"""What no connection model can do without."""


class Conflict(SocialError):
    """A constraint of the database refused what was to be written. Nothing of it was."""


class AlreadyConnected(Conflict):
    """A row for this provider and subject exists by now; the unique constraint said so."""


def already_connected(account: Mapping[str, Any]) -> AlreadyConnected:
    """What to raise for an *account* that has a row."""
    return AlreadyConnected(f"This account at {account['provider_id']} is connected already.")


class Ledger(Protocol):
    """Remembers which flows are spent, so that each is spent once."""

    def spend(self, key: str, expires_at: int) -> bool:
        """Spend *key*, atomically. True for the first to come, False for everyone after.

        *expires_at* (seconds since the epoch) is when the entry may be forgotten. A ledger that
        cannot be reached raises :class:`~flask_social.errors.StoreUnavailable`.
        """

    def is_spent(self, key: str) -> bool:
        """Whether *key* was spent and is not forgotten yet."""


class ConnectionDatastore(ABC):
    """A store of connections. Subclasses speak to one ORM and pass every store's tests.

    Filters are ``user`` (an object), ``user_id``, ``provider_id`` and ``provider_user_id``.
    Values that the model has no column for are dropped, so the documented model of 1.6 works.

    What the database itself raises, the methods let pass: a caller outside our routes meets it as
    it meets that of its own queries. Our routes ask :meth:`trouble`, and answer 503. One thing is
    raised as our own, by whatever writes a connection, and leaves the rollback to the caller:
    :class:`~flask_social.errors.ColumnTooShort`.
    """

    faults: tuple[type[Exception], ...] = ()
    """What something is wrong with the database shows in, or with what was asked of it."""

    ledger: Ledger | None = None
    """A ledger in the same database, where the application gave the store a model for it."""

    registrations: Registrations | None = None
    """The same of what providers gave that were registered with at run time."""

    def __init__(self, connection_model: Any) -> None:
        self.connection_model = connection_model
        self.sealing = TokenSealing(lambda: self.table)

    @property
    @abstractmethod
    def table(self) -> str:
        """The name of the table or collection, which sealed tokens are bound to."""

    @property
    def token_lengths(self) -> Mapping[str, int]:
        """How many characters those token columns hold whose length the database enforces."""
        return {}

    # The five documented methods.

    @abstractmethod
    def find_connection(self, **filters: Any) -> Any | None:
        """The connection that matches, its user loaded with it; ``None`` when there is none."""

    @abstractmethod
    def find_connections(self, **filters: Any) -> Sequence[Any]:
        """Every connection that matches, lowest ``rank`` first, then oldest first."""

    @abstractmethod
    def create_connection(self, **values: Any) -> Any:
        """A new connection, written but not committed.

        :raises AlreadyConnected: when the provider's account is connected already; whatever
            else is pending in the transaction is kept.
        :raises Conflict: when what the application has pending, a new user for instance, breaks
            a constraint of its own; the transaction is rolled back.
        """

    @abstractmethod
    def delete_connection(self, **filters: Any) -> bool:
        """Delete the one connection that matches. True when there was one. Not committed."""

    @abstractmethod
    def delete_connections(self, **filters: Any) -> bool:
        """Delete every connection that matches. True when there was any. Not committed."""

    # What the flows need besides.

    def find_newest(self, **filters: Any) -> Any | None:
        """The connection that matches by now, also where the transaction began to read earlier."""
        return self.find_connection(**filters)

    def begin(self) -> None:  # noqa: B027 - most stores have nothing to do
        """Let all that this thread writes from here on, the application too, be one outcome.

        It ends with :meth:`commit` or :meth:`rollback`. Where a session does so anyway, nothing.
        """

    def abandon(self) -> None:  # noqa: B027 - most stores have nothing to do
        """Forget what a request left without either, before the thread's next one."""

    @abstractmethod
    def update_connection(self, connection: Any, **values: Any) -> Any:
        """Set *values* on *connection*: one UPDATE, not committed.

        :raises Conflict: when the row is gone by now; the transaction is rolled back.
        """

    @abstractmethod
    def lock_connections(self, user: Any) -> Sequence[Any]:
        """All of *user*'s connections, held so that a parallel removal waits for this one."""

    @abstractmethod
    def put(self, model: Any) -> Any:
        """Add *model* to what the next commit writes."""

    @abstractmethod
    def delete(self, model: Any) -> None:
        """Mark *model* for deletion by the next commit."""

    @abstractmethod
    def commit(self) -> None:
        """Write everything of one outcome together.

        :raises Conflict: when a row that was to be changed is gone by now; nothing is written.
        """

    @abstractmethod
    def rollback(self) -> None:
        """Forget everything that is not committed."""

    @abstractmethod
    def release(self) -> None:
        """End an open read transaction, so that none stays open while a provider is asked.

        With work of the application pending nothing is done: it is neither committed nor lost.
        """

    # The life of a token. Each is a transaction of its own: whatever the application has pending
    # in its own is neither committed nor lost, and no lock is kept.

    @abstractmethod
    def read_token(self, connection: Any) -> StoredToken | None:
        """What the row holds by now, whoever wrote it; ``None`` when it is gone.

        :param connection: a connection, or a :class:`StoredToken` of its row.
        """

    @abstractmethod
    def swap_token(self, token: StoredToken, **values: Any) -> StoredToken | None:
        """Write *values* into the row that *token* was read from, if nobody wrote there since.

        That is one atomic compare-and-swap, committed when this returns: of the ``version``, or
        where the model has none of the stored access token. What else the row has stored plainly,
        or under an older key, is sealed on the way.

        :returns: the row as it is now; ``None``, and nothing is written, when somebody was faster
            or the row is gone.
        :raises StoreUnavailable: where what the application has pending keeps everybody, this
            included, from writing: in a file of SQLite.
        """

    @abstractmethod
    def show_token(self, connection: Any, token: StoredToken) -> None:
        """Let *connection*, in memory, be as *token* says: no query, nothing to be written."""

    @abstractmethod
    def stored_tokens(
        self,
        *,
        after: Any = None,
        limit: int = BATCH,
        provider_id: str | None = None,
        expiring_before: int | None = None,
    ) -> Sequence[StoredToken]:
        """A batch of rows, in the order of their keys.

        :param after: the key of the last row of the batch before.
        :param expiring_before: only rows whose ``expires_at`` is known and before this, in seconds
            since the epoch.
        """

    # For when the database breaks. A store of an application's own may do without.

    def trouble(self, error: BaseException) -> Trouble | None:
        """What *error*, one of the :attr:`faults`, tells of the database; ``None``: a mistake."""
        return None

    def told(self, error: BaseException) -> str:
        """*error* in a line for a log: no statement, no value."""
        return type(error).__name__

    def is_idle(self) -> bool:
        """Whether undoing the transaction loses nothing that the application did in it."""
        return False

    def delete_orphan(self, **account: Any) -> bool:
        """Delete the row of an account whose user is gone. True when there was. Not committed."""
        return False

    def require_room(self) -> None:
        """:raises ConfigurationError: when tokens are sealed and a column is too short for that."""
        if lengths := self.token_lengths:
            self.sealing.require_room(self.connection_model.__name__, lengths)

    def require_columns(self) -> None:
        """:raises ConfigurationError: when the model lacks a column that nothing works without."""
        model = self.connection_model
        if missing := [name for name in REQUIRED if not hasattr(model, name)]:
            raise ConfigurationError(
                f"The connection model {model.__name__} has no {' and no '.join(missing)}. "
                f"Add it, or inherit a mixin of flask_social.models."
            )
