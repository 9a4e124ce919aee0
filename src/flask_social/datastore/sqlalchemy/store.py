"""The store: the application's connection model through SQLAlchemy 2."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from ...errors import ConfigurationError
from ...values import Unreadable
from ..base import Conflict, ConnectionDatastore, already_connected
from ..drivers import wide_enough
from ..filters import ACCOUNT, checked, is_exact
from ..tokens import BATCH, StoredToken
from ..trouble import Trouble
from .charsets import Charsets
from .columns import ModelColumns
from .held import HeldRows
from .ledger import SQLAlchemyLedger
from .registrations import SQLAlchemyRegistrations
from .rows import TokenRows
from .sealed import hooked
from .transaction import begin_really, discreet, is_idle, still_there
from .trouble import FAULTS, overtaken, told, trouble, wrote_to

logger = logging.getLogger("flask_social")


class SQLAlchemyConnectionDatastore(ConnectionDatastore):
    """Connections in the application's own session: what it wrote is committed with ours.

    :param db: the Flask-SQLAlchemy or Flask-SQLAlchemy-Lite object, a ``scoped_session``, or
        anything else with a ``session``.
    :param connection_model: inherits ``flask_social.models.sqla_v1.ConnectionMixin``, or is like
        the documented model of 1.6 with a foreign key to the user.
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
        self._charsets = Charsets()
        self._rows = HeldRows(self._columns, lambda: self.session)
        self._tokens = TokenRows(self._columns, self.sealing, self._charsets, lambda: self.session)
        if inspect(connection_model, raiseerr=False) is not None:  # else it is refused later
            hooked(self._columns).sealing = self.sealing
        if flow_model is not None:
            self.ledger = SQLAlchemyLedger(flow_model, lambda: self.session)
        if registration_model is not None:
            self.registrations = SQLAlchemyRegistrations(
                registration_model, lambda: self.session, self.sealing
            )

    @property
    def table(self) -> str:
        return str(self._columns.mapper.local_table.name)  # type: ignore[attr-defined]

    @property
    def token_lengths(self) -> Mapping[str, int]:
        return self._columns.lengths

    @property
    def session(self) -> Session:
        """The session of this request or thread."""
        session = getattr(self.db, "session", self.db)
        current: Session = session if isinstance(session, Session) else session()
        return current

    def find_connection(self, **filters: Any) -> Any | None:
        query = select(self.connection_model).options(joinedload(self.connection_model.user))
        query = query.where(*self._columns.criteria(filters)).order_by(
            *self._columns.order(filters)
        )
        if not any(name in filters for name in ACCOUNT):
            query = query.limit(1)
        rows = self._read(query)
        return next((row for row in rows if is_exact(row, filters)), None)

    def find_newest(self, **filters: Any) -> Any | None:
        self.session.flush()  # Reading afresh would drop what is not written yet.
        return next(iter(self._rows.newest(filters, read=True)), None)

    def find_connections(self, **filters: Any) -> Sequence[Any]:
        query = select(self.connection_model).where(*self._columns.criteria(filters))
        rows = self._read(query.order_by(*self._columns.order({})))
        return [row for row in rows if is_exact(row, filters)]

    def create_connection(self, **values: Any) -> Any:
        session = self.session
        known = self._columns.fresh() | self._known(values)
        account = {name: known.get(name) for name in ACCOUNT}
        self._rows.flush(account)
        if not self._columns.is_unique and self._rows.is_taken(account):
            raise already_connected(account)
        begin_really(session, self.connection_model)
        try:
            with self._wide_enough(known, known), discreet(), session.begin_nested():
                row = self.connection_model(**known)
                session.add(row)
                session.flush()
        except IntegrityError as error:
            if self._rows.is_taken(account):
                raise already_connected(account) from None
            if self._rows.is_gone(known.get("user")):
                session.rollback()
                raise Conflict("The user to connect to is gone.") from None
            raise overtaken(error) from None
        return row

    def _known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of *values* that the table can hold."""
        known = self._columns.known(values)
        mapper = self._columns.mapper
        connection = self.session.connection(bind_arguments={"mapper": mapper})
        return self._charsets.fitting(known, connection, mapper)

    def _read(self, query: Any) -> Sequence[Any]:
        """The rows of *query*. Reading writes nothing: a new user may not be ready to be."""
        session = self.session
        with session.no_autoflush:
            return list(session.scalars(query).unique())

    def delete_connection(self, **filters: Any) -> bool:
        return self._delete(self._rows.held(checked(filters, needed=True))[:1])

    def delete_connections(self, **filters: Any) -> bool:
        return self._delete(self._rows.held(checked(filters, needed=True)))

    def update_connection(self, connection: Any, **values: Any) -> Any:
        changed = {
            name: new
            for name, new in self._known(values).items()
            if getattr(connection, name) != new and not isinstance(new, Unreadable)
        }
        if changed:
            account = {name: getattr(connection, name) for name in ACCOUNT}
            with still_there(self.session):
                self.session.flush()  # what is pending, whose mistakes are not ours
                written = hooked(self._columns).outdated(connection) | changed
                for name, new in (self._columns.bumped() | changed).items():
                    setattr(connection, name, new)
                with self._wide_enough(account, written), discreet():
                    self.session.flush()
        return connection

    def _wide_enough(
        self, account: Mapping[str, Any], values: Mapping[str, Any]
    ) -> AbstractContextManager[None]:
        """:raises ColumnTooShort: when *values* of an account do not fit into the table."""
        return wide_enough(
            FAULTS,
            self.connection_model.__name__,
            lambda: self.sealing.sealed(account, values),
            lambda error: wrote_to(self.table, error),
        )

    def lock_connections(self, user: Any) -> Sequence[Any]:
        return self._rows.held({"user": user})

    def put(self, model: Any) -> Any:
        self.session.add(model)
        return model

    def delete(self, model: Any) -> None:
        self.session.delete(model)

    def commit(self) -> None:
        with still_there(self.session):
            self.session.commit()

    def rollback(self) -> None:
        self.session.rollback()

    def release(self) -> None:
        if self.session.in_transaction() and self.is_idle():
            self.session.rollback()

    def is_idle(self) -> bool:
        return is_idle(self.session)

    def read_token(self, connection: Any) -> StoredToken | None:
        return self._tokens.read(connection)

    def swap_token(self, token: StoredToken, **values: Any) -> StoredToken | None:
        return self._tokens.swap(token, values)

    def show_token(self, connection: Any, token: StoredToken) -> None:
        hooked(self._columns).show(connection, token)

    def stored_tokens(
        self,
        *,
        after: Any = None,
        limit: int = BATCH,
        provider_id: str | None = None,
        expiring_before: int | None = None,
    ) -> Sequence[StoredToken]:
        return self._tokens.batch(after, limit, provider_id, expiring_before)

    def trouble(self, error: BaseException) -> Trouble | None:
        return trouble(error)

    def told(self, error: BaseException) -> str:
        return told(error)

    def delete_orphan(self, **account: Any) -> bool:
        return self._delete(
            [row for row in self._rows.held(account) if not self._rows.has_user(row)]
        )

    def require_columns(self) -> None:
        """Refuse a model that cannot work, and warn once of what it should have besides.

        :raises ConfigurationError: when the model lacks a column that nothing works without.
        """
        super().require_columns()
        mapper = self._columns.mapper
        if mapper.local_table is not mapper.persist_selectable:
            raise ConfigurationError(
                f"The columns of {self.connection_model.__name__} are in several tables, and the "
                f"store works with one: give it a class whose columns are in its own table."
            )
        if advice := self._columns.advice():
            logger.warning(" ".join(advice))

    def _delete(self, rows: Sequence[Any]) -> bool:
        for row in rows:
            self.session.delete(row)
        self.session.flush()
        return bool(rows)
