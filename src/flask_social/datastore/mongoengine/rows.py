"""Connections as the application has them: found, with their users, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mongoengine import QuerySet

from ..filters import is_exact, real_user
from .documents import Documents
from .fields import ModelFields
from .users import Users
from .work import Work

RANKED: Sequence[Mapping[str, Any]] = ({"$ne": None}, {"$eq": None})
"""Which ranks come first: MongoDB itself has what is missing before everything else."""


class Rows:
    """The rows of one connection model."""

    def __init__(self, documents: Documents, users: Users, work: Work) -> None:
        self._fields: ModelFields = documents.fields
        self._documents = documents
        self._users = users
        self._work = work

    def all(self, filters: Mapping[str, Any]) -> list[Any]:
        """Every row that matches, in no order.

        :raises TypeError: for an unknown filter.
        """
        criteria = self._fields.criteria(filters)
        return [] if criteria is None else self._read(criteria, filters)

    def first(self, filters: Mapping[str, Any]) -> Any | None:
        """The row of lowest rank that matches; the oldest, where an account is asked for."""
        if "provider_user_id" in filters:
            return min(self.all(filters), key=self._fields.by_age, default=None)
        if (criteria := self._fields.criteria(filters)) is None:
            return None
        return next(self._in_turn(criteria, filters), None)

    def is_taken(self, account: Mapping[str, Any]) -> bool:
        """Whether the account has a row."""
        criteria = self._fields.criteria(account)
        return criteria is not None and any(is_exact(row, account) for row in self._query(criteria))

    def _in_turn(self, criteria: Mapping[str, Any], filters: Mapping[str, Any]) -> Iterator[Any]:
        """The first of the rows that have a rank, and then of those that have none."""
        order = [name for name in ("rank", "created_at") if self._fields.is_number(name)]
        turns: list[Mapping[str, Any]] = [{}]
        if "rank" in order:
            turns = [{self._fields.raw("rank"): wanted} for wanted in RANKED]
        for each in turns:
            yield from self._read({**criteria, **each}, filters, (*order, "pk"))

    def _read(
        self, criteria: Mapping[str, Any], filters: Mapping[str, Any], first_by: Sequence[str] = ()
    ) -> list[Any]:
        """The rows of a query, or the first one by an order.

        They have their users, and what this thread is about to write.
        """
        query = self._query(criteria)
        found = query.order_by(*first_by).limit(1) if first_by else query
        rows = [self._mine(row) for row in found if is_exact(row, filters)]
        return self._users.show(rows, real_user(filters.get("user")))

    def _mine(self, row: Any) -> Any:
        change = self._work.changes.get(self._documents.key(row))
        return row if change is None else change.row

    def _query(self, criteria: Mapping[str, Any]) -> Any:
        return QuerySet(self._fields.model, self._documents.collection)(__raw__=dict(criteria))
