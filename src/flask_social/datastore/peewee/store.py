"""The store: the application's connection model through Peewee."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

from peewee import IntegrityError

from ...errors import ConfigurationError
from ..base import Conflict, ConnectionDatastore, already_connected
from ..drivers import wide_enough
from ..filters import ACCOUNT, checked, real_user
from ..tokens import BATCH, TOKENS, StoredToken
from ..trouble import Trouble, twice
from .columns import ModelColumns
from .finding import FoundRows, database_of
from .ledger import PeeweeLedger
from .registrations import PeeweeRegistrations
from .rows import HELD, TokenRows
from .sealed import hold_tokens, is_new, restore, show
from .transaction import Outcome
from .trouble import FAULTS, discreet, overtaken, told, trouble

logger = logging.getLogger("flask_social")


class PeeweeConnectionDatastore(ConnectionDatastore):
    """Connections through the application's own database connection.

    Peewee commits each statement by itself. The store's first write opens a transaction, which
    everything that this thread writes is part of until the store commits or rolls back.

    :param db: the ``FlaskDB`` or database of the models.
    :param connection_model: inherits ``flask_social.models.peewee_v1.ConnectionMixin``, or is like
        the documented model of 1.6, with a foreign key to the user.
    :param flow_model: inherits ``FlowMixin``; then spent flows are kept in the database, which
        several worker processes need.
    :param registration_model: inherits ``RegistrationMixin``, for instances that visitors name.
    """

    faults = FAULTS

    def __init__(
        self, db: Any, connection_model: Any, flow_model: Any = None, registration_model: Any = None
    ) -> None:
        super().__init__(connection_model)
        self.db = db
        self._columns = ModelColumns(connection_model)
        self._outcome = Outcome(lambda: self.database)
        self._found = FoundRows(self._columns, self._outcome)
        self._rows = TokenRows(self._columns, self.sealing)
        hold_tokens(connection_model, self.sealing)
        if flow_model is not None:
            self.ledger = PeeweeLedger(flow_model, lambda: self.database, self._outcome)
        if (made := registration_model) is not None:
            self.registrations = PeeweeRegistrations(made, self._outcome, self.sealing)

    @property
    def database(self) -> Any:
        """The database of the connection model."""
        return database_of(self.connection_model)

    @property
    def table(self) -> str:
        """The table's name, with its schema if it has one."""
        meta = self.connection_model._meta
        return ".".join(filter(None, (meta.schema, meta.table_name)))

    @property
    def token_lengths(self) -> Mapping[str, int]:
        return self._columns.lengths

    def find_connection(self, **filters: Any) -> Any | None:
        limit = None if any(name in filters for name in ACCOUNT) else 1
        return next(iter(self._found.find(filters, limit=limit)), None)

    def find_newest(self, **filters: Any) -> Any | None:
        return next(iter(self._found.find(filters, lock=self._found.shared)), None)

    def find_connections(self, **filters: Any) -> Sequence[Any]:
        return self._found.find(filters, order={})

    def create_connection(self, **values: Any) -> Any:
        self._outcome.write()
        account = {name: values.get(name) for name in ACCOUNT}
        self._save_newcomer(real_user(values.get("user")), account)
        known = self._columns.fresh() | self._columns.known(values)
        if not self._columns.is_unique and self._found.is_taken(account):
            raise already_connected(account)
        row = self.connection_model(**known)
        try:
            with self._wide_enough(known), discreet(), self.database.savepoint():
                row.save(force_insert=True)
        except IntegrityError as error:
            if self._found.is_taken(account):
                raise already_connected(account) from None
            if self._found.is_gone(values.get("user")):
                self.rollback()
                raise Conflict("The user to connect to is gone.") from None
            raise overtaken(error) from None
        return row

    def _wide_enough(self, known: Mapping[str, Any]) -> AbstractContextManager[None]:
        """:raises ColumnTooShort: when a row does not take what is *known* of a new one."""
        name = self.connection_model.__name__
        return wide_enough(FAULTS, name, lambda: self.sealing.sealed(known, known))

    def _save_newcomer(self, user: Any, account: Mapping[str, Any]) -> None:
        """Write *user*, if they are in no database yet.

        Of two first visits at once the second may fail here already, over the user it made; the
        first has committed by then, and its connection says so.
        """
        kind = self._columns.user_model
        if kind is None or not isinstance(user, kind) or not is_new(user):
            return
        before, dirty = dict(user.__data__), set(user._dirty)
        self._outcome.write(lambda: restore(user, before, dirty))
        try:
            with discreet(), self.database.savepoint():
                user.save(force_insert=True)
        except IntegrityError as error:
            self.rollback()
            if self._found.is_taken(account):
                raise already_connected(account) from None
            raise Conflict(f"What is pending breaks a constraint: {told(error)}") from error

    def delete_connection(self, **filters: Any) -> bool:
        return _delete(self._found.hold(checked(filters, needed=True))[:1])

    def delete_connections(self, **filters: Any) -> bool:
        return _delete(self._found.hold(checked(filters, needed=True)))

    def update_connection(self, connection: Any, **values: Any) -> Any:
        known = self._columns.known(values)
        if all(getattr(connection, name) == new for name, new in known.items()):
            return connection
        before = dict(connection.__data__)
        self._outcome.write(lambda: restore(connection, before))
        if (stored := self._rows.stored(connection._pk, lock=self._found.exclusive)) is None:
            self.rollback()
            raise Conflict("A row that was to be changed is gone.")
        changed = self._rows.changed(stored, known, connection)
        written = self._columns.bumped(stored.get("version")) | self._rows.sealed(stored, changed)
        update = self.connection_model.update(written).where(self._columns.has_key(connection._pk))
        with wide_enough(FAULTS, self.connection_model.__name__, lambda: written), discreet():
            update.execute()
        now = {name: stored[name] for name in known if name in stored}
        for name, value in (now | written).items():
            show(connection, name, value)
        return connection

    def lock_connections(self, user: Any) -> Sequence[Any]:
        return self._found.hold({"user": user})

    def put(self, model: Any) -> Any:
        self._outcome.write()
        with discreet(), self.database.savepoint():
            model.save(force_insert=is_new(model))
        return model

    def delete(self, model: Any) -> None:
        self._outcome.write()
        model.delete_instance(recursive=True)

    def commit(self) -> None:
        self._outcome.commit()

    def rollback(self) -> None:
        self._outcome.rollback()

    def release(self) -> None:
        self._outcome.release()

    def is_idle(self) -> bool:
        return self._outcome.is_idle

    def trouble(self, error: BaseException) -> Trouble | None:
        return trouble(error)

    def told(self, error: BaseException) -> str:
        return told(error)

    def delete_orphan(self, **account: Any) -> bool:
        return _delete([row for row in self._found.hold(account) if row.user is None])

    def require_columns(self) -> None:
        """Refuse a model that cannot work, and warn once of what it should have besides.

        :raises ConfigurationError: when the model lacks a column that nothing works without.
        """
        super().require_columns()
        if not self._columns.keys:
            raise ConfigurationError(f"{self.connection_model.__name__} has no primary key.")
        if advice := self._columns.advice():
            logger.warning(" ".join(advice))

    def begin(self) -> None:
        """Let everything that this thread writes from here on be part of one outcome.

        Without it that begins with the store's first write.
        """
        self._outcome.begin()

    def abandon(self) -> None:
        """Undo what nobody committed, so that the database connection can be closed."""
        with suppress(*FAULTS):
            self._outcome.rollback()

    # The life of a token.

    def read_token(self, connection: Any) -> StoredToken | None:
        key = connection.key if isinstance(connection, StoredToken) else connection._pk
        return self._outcome.beside(lambda: self._rows.read(key), writes=False)

    def swap_token(self, token: StoredToken, **values: Any) -> StoredToken | None:
        known = self._columns.known(values)

        def swap() -> StoredToken | None:
            return self._outcome.beside(lambda: self._rows.swap(token, known), writes=True)

        return twice(swap, trouble)

    def show_token(self, connection: Any, token: StoredToken) -> None:
        for name in HELD:
            if name in self._columns.fields and self._columns.has(name):
                value = token.stored[name] if name in TOKENS else getattr(token, name)
                show(connection, name, value)

    def stored_tokens(
        self,
        *,
        after: Any = None,
        limit: int = BATCH,
        provider_id: str | None = None,
        expiring_before: int | None = None,
    ) -> Sequence[StoredToken]:
        if expiring_before is not None and not self._columns.has("expires_at"):
            return []
        criteria = self._rows.criteria(after, provider_id, expiring_before)
        return self._outcome.beside(lambda: self._rows.batch(criteria, limit), writes=False)


def _delete(rows: Sequence[Any]) -> bool:
    for row in rows:
        row.delete_instance(recursive=True)
    return bool(rows)
