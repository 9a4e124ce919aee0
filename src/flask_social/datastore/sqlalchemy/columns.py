"""What the application's connection model has, and what of ours fits into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from ... import clock
from ...values import Secret
from .. import fitting
from ..filters import ACCOUNT, checked, is_storable, real_user
from ..fitting import TIMES, WHOLE, shortened, uuid_of, whole
from ..tokens import TOKENS, StoredToken

MYSQL = ("mysql", "mariadb")
"""The names of one dialect."""
NUMBERS = (*TIMES, "version")


class ModelColumns:
    """The columns of one connection model.

    Nothing is looked at before the first use, when the model of the user is declared as well.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of *values* that the model has a place for, as that place can hold them."""
        known: dict[str, Any] = {}
        for name, value in values.items():
            attribute = self.user_key if name == "user_id" else name
            if self._has(attribute):
                known[attribute] = self._fitted(attribute, value)
        return known

    def fresh(self) -> dict[str, Any]:
        """What a new row starts with, besides its values."""
        return {name: clock.now() for name in ("created_at", "updated_at") if self._is(name, int)}

    def bumped(self) -> dict[str, Any]:
        """What changes in a row with every update."""
        bumped = {"updated_at": clock.now()} if self._is("updated_at", int) else {}
        return bumped | self.counted()

    def counted(self) -> dict[str, Any]:
        """One more, counted by the database: of two who read the same number each counts."""
        if not self._is("version", int):
            return {}
        return {"version": sa.func.coalesce(self.mapper.columns["version"], 0) + 1}

    def unchanged(self) -> dict[Any, Any]:
        """An UPDATE's values that change nothing, not even what changes by itself."""
        table = self.mapper.local_table
        still: dict[Any, Any] = {c: c for c in table.columns if c.onupdate is not None}
        return still | {self.model.provider_id: self.model.provider_id}

    def criteria(self, filters: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
        """The WHERE clause of *filters*. What is missing or impossible matches nothing.

        :raises TypeError: for an unknown filter.
        """
        return [self._criterion(name, value) for name, value in checked(filters).items()]

    def order(self, filters: Mapping[str, Any]) -> list[Any]:
        """Lowest rank first, rows without one last; then oldest. For one account: oldest."""
        order: list[Any] = list(self.mapper.primary_key)
        if self._has("created_at"):
            order.insert(0, self.model.created_at)
        if self._has("rank") and "provider_user_id" not in filters:
            order = [sa.case((self.model.rank.is_(None), 1), else_=0), self.model.rank, *order]
        return order

    @cached_property
    def mapper(self) -> Mapper[Any]:
        """The model's mapper."""
        mapper: Mapper[Any] = sa.inspect(self.model)
        return mapper

    @cached_property
    def tokens(self) -> Mapping[str, str]:
        """The token columns that the model has: name -> the attribute that is mapped to it."""
        return {name: self.attribute(name) for name in TOKENS if name in self.stored}

    @cached_property
    def lengths(self) -> Mapping[str, int]:
        """How many characters those token columns hold that are bounded."""
        return {name: length for name in self.tokens if (length := self._bound(name))}

    @cached_property
    def computed(self) -> list[str]:
        """The tokens that the model has, but not as a column: by a property for instance."""
        return [name for name in TOKENS if self._has(name) and name not in self.tokens]

    @cached_property
    def stored(self) -> Mapping[str, sa.Column[Any]]:
        """Those fields of a :class:`StoredToken` that the table has: name -> column."""
        columns = self.mapper.columns
        return {
            each.name: columns[attribute]
            for each in fields(StoredToken)
            if (attribute := self.attribute(each.name)) in columns
            and (each.name not in NUMBERS or self._is(each.name, int))
        }

    def attribute(self, name: str) -> str:
        """The attribute that is mapped to a column, where *name* is a synonym of it."""
        synonym = self.mapper.synonyms.get(name)
        return name if synonym is None else synonym.name

    @cached_property
    def user_key(self) -> str:
        """The attribute that holds the user's key: ``user_id``, or what the relationship uses."""
        if "user_id" in self.mapper.columns:
            return "user_id"
        [local] = self.mapper.relationships["user"].local_columns
        return self.mapper.get_property_by_column(local).key

    @cached_property
    def is_unique(self) -> bool:
        """Whether the database refuses a second row for one account."""
        table = self.mapper.local_table
        account = {self.mapper.columns[name] for name in ACCOUNT if name in self.mapper.columns}
        keys = [
            *(c for c in getattr(table, "constraints", ()) if isinstance(c, sa.UniqueConstraint)),
            *(index for index in getattr(table, "indexes", ()) if index.unique),
            getattr(table, "primary_key", ()),
        ]
        columns = [set(getattr(key, "columns", ())) for key in keys]
        return any(each and each <= account for each in columns)

    def advice(self) -> list[str]:
        """What an operator should change about the model."""
        name, table = self.model.__name__, self.mapper.local_table
        advice = fitting.advice(name, self.lengths, 'make it "Text"')
        advice += [
            f"{name}.{token} is no column: tokens are neither sealed nor refreshed."
            for token in self.computed
        ]
        if not self.is_unique:
            advice.append(
                f"Two users could end up with one account: add UniqueConstraint("
                f'"provider_id", "provider_user_id") to the table "{table}" of {name}.'
            )
        return advice

    def _criterion(self, name: str, value: Any) -> sa.ColumnElement[bool]:
        if name == "user":
            user = real_user(value)
            seen = sa.inspect(user, raiseerr=False)
            written = seen is not None and seen.identity is not None  # a new user has no rows
            return self.model.user == user if written else sa.false()
        attribute = self.user_key if name == "user_id" else name
        comparable = self._comparable(attribute, value)
        return sa.false() if comparable is None else getattr(self.model, attribute) == comparable

    def _comparable(self, attribute: str, value: Any) -> Any:
        """*value* as the column could hold it; ``None`` if it could not."""
        text = str(value)
        match None if value is None else self._kind(attribute):
            case kind if kind is int:
                # Wider than the column, so that no number is out of its range.
                number = whole(text)
                return None if number is None else sa.literal(number, sa.BigInteger())
            case kind if kind is str:
                return text if is_storable(text) else None
            case kind if kind is UUID:
                return uuid_of(text)
        return value

    def _fitted(self, attribute: str, value: Any) -> Any:
        if attribute == "user":
            return real_user(value)
        if attribute in ACCOUNT or attribute == self.user_key:
            return converted(value, self._kind(attribute))
        if attribute in TOKENS and isinstance(value, str):
            return value if isinstance(value, Secret) else Secret(value)
        if isinstance(value, str):
            return shortened(attribute, value, self._length(attribute))
        return value

    def _has(self, name: str) -> bool:
        if name in TIMES and name in self.mapper.columns:
            return self._is(name, int)
        descriptors = self.mapper.all_orm_descriptors
        return name in descriptors or isinstance(getattr(self.model, name, None), property)

    def _is(self, name: str, kind: type) -> bool:
        return self._kind(name) is kind

    def _kind(self, name: str) -> type | None:
        """The Python type of a column's values, where its type tells. An account's is text."""
        kind = kind_of(self.mapper.columns.get(name))
        return str if name in ACCOUNT and kind is not int else kind

    def _bound(self, name: str) -> int:
        """How many characters a token's column holds where it holds the most; 0: any.

        A type may be another one on another database, and which one ours is no start knows.
        """
        kind = self.stored[name].type
        if not isinstance(kind, sa.TypeDecorator) and not getattr(kind, "length", None):
            return 0
        from sqlalchemy.dialects import mysql, postgresql, sqlite

        dialects: list[Any] = [mysql.dialect, postgresql.dialect, sqlite.dialect]
        lengths = [getattr(kind.dialect_impl(each()), "length", None) or 0 for each in dialects]
        return 0 if 0 in lengths else max(lengths)

    def _length(self, name: str) -> int:
        column = self.mapper.columns.get(name)
        return getattr(getattr(column, "type", None), "length", None) or 0


def kind_of(column: Any) -> type | None:
    """The Python type of a column's values, where its type tells."""
    try:
        kind: type | None = column.type.python_type
    except (AttributeError, NotImplementedError):
        return None
    return kind


def converted(value: Any, kind: type | None) -> Any:
    """*value* as a column of *kind* takes it, where it spells one."""
    text = str(value)
    if kind is str and value is not None:
        return text
    if kind is int and WHOLE.fullmatch(text):
        return int(text)
    return (uuid_of(text) or value) if kind is UUID else value
