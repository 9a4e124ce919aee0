"""How the application's rows are found, locked, and given their users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peewee import MySQLDatabase, Proxy

from ..filters import is_exact, real_user
from .columns import ModelColumns
from .transaction import Outcome


class FoundRows:
    """The rows of one model, as objects."""

    def __init__(self, columns: ModelColumns, outcome: Outcome) -> None:
        self._columns = columns
        self._outcome = outcome

    def find(
        self,
        filters: Mapping[str, Any],
        *,
        order: Mapping[str, Any] | None = None,
        limit: int | None = None,
        lock: str | None = None,
    ) -> list[Any]:
        """The rows of *filters*, each with its user: ``None`` where that one is gone.

        :param order: the filters that say how they are ordered, if those are others.
        :param lock: how the rows are locked, as ``for_update()`` takes it.
        """
        if (criteria := self._columns.criteria(filters)) is None:
            return []
        ordered = self._columns.order(filters if order is None else order)
        query = self._columns.model.select().order_by(*ordered).limit(limit)
        query = query.where(*criteria) if criteria else query
        rows = [row for row in _locked(query, lock) if is_exact(row, filters)]
        self._join_users(rows, filters.get("user"), lock=self.shared if lock else None)
        return rows

    def hold(self, filters: Mapping[str, Any]) -> list[Any]:
        """The rows of *filters*, nobody else's to change until the transaction ends.

        SQLite, which locks no row, has one writer: an UPDATE that changes nothing makes it us.
        """
        self._outcome.write()
        criteria = self._columns.criteria(filters)
        if self.exclusive is None and criteria:
            model = self._columns.model
            still = {"provider_id": model.provider_id}
            model.update(still).where(*criteria).execute()
        return self.find(filters, lock=self.exclusive)

    def is_taken(self, account: Mapping[str, Any]) -> bool:
        """Whether the account has a row by now."""
        return bool(self.find(account, lock=self.shared))

    def is_gone(self, user: Any) -> bool:
        """Whether *user*, who came from the database, was deleted there meanwhile."""
        user, kind = real_user(user), self._columns.user_model
        if kind is None or not isinstance(user, kind) or user._pk is None:
            return False
        query = kind.select().where(user._pk_expr())
        return not list(_locked(query, self.shared))

    @property
    def exclusive(self) -> str | None:
        """How a row is locked here, where rows are."""
        return "FOR UPDATE" if database_of(self._columns.model).for_update else None

    @property
    def shared(self) -> str | None:
        """How a transaction whose snapshot is older reads the newest (MySQL, MariaDB)."""
        database = database_of(self._columns.model)
        if not (database.for_update and database.in_transaction()):
            return None
        return "LOCK IN SHARE MODE" if isinstance(database, MySQLDatabase) else "FOR SHARE"

    def _join_users(self, rows: Sequence[Any], user: Any, *, lock: str | None) -> None:
        """Let each of *rows* have its user: by one query, or none where *user* is whose all are."""
        if (kind := self._columns.user_model) is None or not rows:
            return
        owner = self._columns.owner
        keys = {row.__data__[owner.name] for row in rows} - {None}
        if user is not None:
            users = {self._columns.user_key(user): real_user(user)}
        else:
            query = kind.select().where(owner.rel_field.in_(keys))
            users = {getattr(each, owner.rel_field.name): each for each in _locked(query, lock)}
        for row in rows:
            row.__rel__[owner.name] = users.get(row.__data__[owner.name])


def _locked(query: Any, lock: str | None) -> Any:
    return query if lock is None else query.for_update(lock)


def database_of(model: Any) -> Any:
    """The database of *model*: a ``FlaskDB`` may have it only since its application is there."""
    database = model._meta.database
    return database.obj if isinstance(database, Proxy) else database
