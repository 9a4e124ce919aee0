"""The store: the application's connection model through MongoEngine."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pymongo.errors import DuplicateKeyError

from ..base import Conflict, ConnectionDatastore, already_connected
from ..filters import ACCOUNT, checked, real_user
from ..tokens import BATCH, TOKENS, StoredToken
from ..trouble import Trouble
from . import users
from .documents import Documents
from .fields import ModelFields, key_of
from .holds import Holds
from .ledger import MongoEngineLedger
from .outcome import Outcome
from .registrations import MongoEngineRegistrations
from .rows import Rows
from .sealed import attach
from .trouble import FAULTS, Overtaken, taken_fields, told, trouble
from .users import Users
from .work import Work

logger = logging.getLogger("flask_social")

SHOWN = (*TOKENS, "token_type", "scopes", "expires_at", "needs_reauth", "version", "lease_until")
"""What a stored token tells of its row."""


class MongoEngineConnectionDatastore(ConnectionDatastore):
    """Connections in MongoDB, which has transactions on replica sets alone: none is used.

    A new connection is inserted, and ``delete_connection`` deletes, at once; a rollback takes that
    back. All else waits for the commit. The documentation's page on stores says what that means.

    :param db: the ``mongoengine`` module, or an object of an extension made of it, or ``None``:
        MongoEngine's models know their database themselves.
    :param connection_model: inherits ``flask_social.models.mongoengine_v1.ConnectionMixin``, or is
        like the model that 1.6 documented.
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
        self._fields = ModelFields(connection_model)
        self._documents = Documents(self._fields, self.sealing)
        self._users = Users(self._fields)
        self._work = Work()
        self._rows = Rows(self._documents, self._users, self._work)
        self._outcome = Outcome(self._documents, self._work)
        self._holds = Holds(lambda: self._documents.collection)
        attach(self._fields, self.sealing)
        if flow_model is not None:
            self.ledger = MongoEngineLedger(flow_model)
        if registration_model is not None:
            self.registrations = MongoEngineRegistrations(registration_model, self.sealing)

    @property
    def table(self) -> str:
        return str(self.connection_model._get_collection_name())

    def find_connection(self, **filters: Any) -> Any | None:
        return self._rows.first(filters)

    def find_connections(self, **filters: Any) -> Sequence[Any]:
        return sorted(self._rows.all(filters), key=self._fields.by_rank)

    def create_connection(self, **values: Any) -> Any:
        account = self._fields.known({name: values.get(name) for name in ACCOUNT})
        user = real_user(values.get("user"))
        if users.is_new(user):
            self._create_user(user, account)
        if not self._fields.is_unique and self._rows.is_taken(account):
            raise already_connected(account)
        known = self._fields.fresh() | self._fields.known(values)
        row = self.connection_model(**known)
        if known.get(self._fields.user_key) is not None:
            self._insert(row, account)
        if known.get(self._fields.user_key) is None or users.is_gone(user or known.get("user")):
            self.rollback()
            raise Conflict("The user to connect to is gone.")
        return row

    def _create_user(self, user: Any, account: Mapping[str, Any]) -> None:
        """Write a new *user*, for whom the account is held until all of this ends.

        So of two first visits at once the second finds what became of the first.
        """
        self._holds.take(
            self._work, f"account {account['provider_id']} {account['provider_user_id']}"
        )
        if self._rows.is_taken(account):
            raise already_connected(account)
        try:
            users.insert(user)
        except Conflict:
            self.rollback()
            raise
        self._work.new = [each for each in self._work.new if each is not user]
        self._work.undo.append(user.delete)

    def _insert(self, row: Any, account: Mapping[str, Any]) -> None:
        """Write *row*, at once: the unique index decides who is first, and is asked now."""
        try:
            self._outcome.insert(row)
        except DuplicateKeyError as error:
            if self._rows.is_taken(account):
                raise already_connected(account) from None
            if taken_fields(error) == {self._fields.raw(name) for name in ACCOUNT}:
                raise Overtaken("the account was connected and is not any more") from None
            raise

    def delete_connection(self, **filters: Any) -> bool:
        row = self._rows.first(checked(filters, needed=True))
        return row is not None and self._outcome.remove(row)

    def delete_connections(self, **filters: Any) -> bool:
        return self._remove(self._rows.all(checked(filters, needed=True)))

    def delete_orphan(self, **account: Any) -> bool:
        rows = self._rows.all(account)
        return self._remove([row for row in rows if not self._users.has_one(row)])

    def _remove(self, rows: Sequence[Any]) -> bool:
        removed = [self._outcome.remove(row) for row in rows]
        return any(removed)

    def update_connection(self, connection: Any, **values: Any) -> Any:
        known = self._fields.known(values)
        changed = {name: new for name, new in known.items() if getattr(connection, name) != new}
        if changed:
            self._outcome.update(connection, changed)
        return connection

    def lock_connections(self, user: Any) -> Sequence[Any]:
        key = key_of(real_user(user))
        if key is None:
            return []
        self._holds.take(self._work, f"user {key}")
        rows = self.find_connections(user=user)
        self._work.held.update(map(self._documents.key, rows))
        return rows

    def put(self, model: Any) -> Any:
        self._work.new.append(model)
        return model

    def delete(self, model: Any) -> None:
        self._work.doomed.append(model)

    def commit(self) -> None:
        try:
            self._outcome.write()
        except BaseException:
            self.rollback()
            raise
        self._work.clear()
        self._holds.leave(self._work)

    def rollback(self) -> None:
        try:
            self._outcome.undo()
        except self.faults:
            self._work.holds.clear()  # nor could they be left now: they are free after the lease
            raise
        finally:
            self._work.clear()
        self._holds.leave(self._work)

    def release(self) -> None:
        """Nothing: no transaction is ever open."""

    def abandon(self) -> None:
        """End what this thread left neither committed nor rolled back, before its next request."""
        with suppress(*FAULTS):
            self.rollback()

    def is_idle(self) -> bool:
        return self._work.is_idle()

    def trouble(self, error: BaseException) -> Trouble | None:
        return trouble(error)

    def told(self, error: BaseException) -> str:
        return told(error)

    # The life of a token.

    def read_token(self, connection: Any) -> StoredToken | None:
        document = self._documents.find(self._documents.key(connection))
        return None if document is None else self._documents.token(document)

    def swap_token(self, token: StoredToken, **values: Any) -> StoredToken | None:
        before = self._documents.find(token.key)
        if before is None or not self._documents.is_as_read(before, token):
            return None
        after = self._documents.swap(before, self._fields.known(values))
        return None if after is None else self._documents.token(after)

    def show_token(self, connection: Any, token: StoredToken) -> None:
        shown = {name: getattr(token, name) for name in SHOWN if self._fields.has(name)}
        self._fields.show(connection, shown)

    def stored_tokens(
        self,
        *,
        after: Any = None,
        limit: int = BATCH,
        provider_id: str | None = None,
        expiring_before: int | None = None,
    ) -> Sequence[StoredToken]:
        criteria: dict[str, Any] = {} if after is None else {"_id": {"$gt": after}}
        if provider_id is not None:
            criteria |= self._fields.criteria({"provider_id": provider_id}) or {"_id": None}
        if expiring_before is not None:
            if not self._fields.has("expires_at"):
                return []
            criteria[self._fields.raw("expires_at")] = {"$lt": expiring_before}
        return [self._documents.token(each) for each in self._documents.batch(criteria, limit)]

    def require_columns(self) -> None:
        """Refuse a model that cannot work, and warn once of what it should have besides.

        :raises ConfigurationError: when the model lacks a field that nothing works without.
        """
        super().require_columns()
        self._fields.require_user()
        if advice := self._fields.advice():
            logger.warning(" ".join(advice))
