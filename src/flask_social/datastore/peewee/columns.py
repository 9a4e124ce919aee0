"""What the application's connection model has, and what of ours fits into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from peewee import (
    BooleanField,
    Case,
    CharField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)

from ... import clock
from ...values import Secret, Unreadable
from .. import fitting
from ..filters import ACCOUNT, checked, is_storable, real_user
from ..fitting import TIMES, shortened, uuid_of, whole
from ..tokens import TOKENS

OWNER = ("user", "user_id")
"""What a connection's user is called, object or key."""


class ModelColumns:
    """The columns of one connection model, looked at when they are first needed."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of *values* that the model has a place for, as that place can hold them."""
        known: dict[str, Any] = {}
        for name, value in values.items():
            if name in OWNER:
                known[self.owner.name] = self._owned(value)
            elif self.has(name) and not isinstance(value, Unreadable):
                known[name] = self._fitted(name, value)
        return known

    def fresh(self) -> dict[str, Any]:
        """What a new row starts with, besides its values."""
        return {name: clock.now() for name in ("created_at", "updated_at") if self.has(name)}

    def bumped(self, version: int | None) -> dict[str, Any]:
        """What changes with every update of a row that is of *version*."""
        bumped = {"updated_at": clock.now()} if self.has("updated_at") else {}
        return bumped | ({"version": (version or 0) + 1} if self.is_versioned else {})

    def criteria(self, filters: Mapping[str, Any]) -> list[Any] | None:
        """The WHERE clause of *filters*; ``None`` where nothing can match.

        :raises TypeError: for an unknown filter.
        """
        criteria = []
        for name, value in checked(filters).items():
            field = self.owner if name in OWNER else self.fields[name]
            key = self.user_key(value) if name == "user" else self._comparable(field, value)
            if key is None:
                return None
            criteria.append(field == key)
        return criteria

    def order(self, filters: Mapping[str, Any]) -> list[Any]:
        """Lowest rank first, rows without one last; then oldest. For one account: oldest."""
        order: list[Any] = [*self.keys]
        if "created_at" in self.fields:
            order.insert(0, self.model.created_at)
        if "rank" in self.fields and "provider_user_id" not in filters:
            unranked = Case(None, [(self.model.rank.is_null(), 1)], 0)
            order = [unranked, self.model.rank, *order]
        return order

    def has(self, name: str) -> bool:
        """Whether there is a place for *name*."""
        if name in TIMES and name in self.fields:
            return isinstance(self.fields[name], IntegerField)
        return name in self.fields or isinstance(getattr(self.model, name, None), property)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The model's fields by their names."""
        fields: Mapping[str, Any] = self.model._meta.fields
        return fields

    @property
    def keys(self) -> Sequence[Any]:
        """The fields of the primary key."""
        fields: Sequence[Any] = self.model._meta.get_primary_keys()
        return fields

    def has_key(self, key: Any) -> Any:
        """A WHERE clause for the row of that primary key: a tuple, where it has several fields."""
        return self.model._meta.primary_key == key

    def is_behind(self, key: Any) -> Any:
        """A WHERE clause for the rows behind that one, in the order of their keys."""
        parts = [key] if len(self.keys) == 1 else key
        *before, (field, part) = zip(self.keys, parts, strict=True)
        behind = field > part
        for field, part in reversed(before):
            behind = (field > part) | ((field == part) & behind)
        return behind

    @property
    def is_versioned(self) -> bool:
        """Whether rows count their updates."""
        return isinstance(self.fields.get("version"), IntegerField)

    @property
    def tokens(self) -> list[str]:
        """Those of the four that there are columns for."""
        return [name for name in TOKENS if name in self.fields]

    @property
    def lengths(self) -> Mapping[str, int]:
        """How many characters those token columns hold that are bounded."""
        return {name: length for name in self.tokens if (length := self._length(name))}

    @cached_property
    def owner(self) -> Any:
        """The field that holds the user's key: the foreign key, or a column ``user_id``."""
        named = (self.fields.get("user"), self.fields.get("user_id"))
        foreign = (field for field in named if isinstance(field, ForeignKeyField))
        return next(foreign, self.fields.get("user_id"))

    @property
    def user_model(self) -> Any | None:
        """The model of the user, if the owner is a foreign key."""
        return self.owner.rel_model if isinstance(self.owner, ForeignKeyField) else None

    def user_key(self, user: Any) -> Any:
        """What a row of *user* has in its :attr:`owner`; ``None`` for what is no user."""
        kind = self.user_model
        if kind is None:
            return getattr(real_user(user), "id", None)
        user = real_user(user)
        return getattr(user, self.owner.rel_field.name) if isinstance(user, kind) else None

    @cached_property
    def is_unique(self) -> bool:
        """Whether the database refuses a second row for one account."""
        meta = self.model._meta
        keys: list[set[Any]] = [{name} for name in ACCOUNT if self.fields[name].unique]
        keys.append({field.name for field in meta.get_primary_keys()})
        for index in meta.indexes:
            if not isinstance(index, list | tuple):  # an Index
                named = {getattr(each, "name", None) for each in index._expressions}
                keys.extend([named] if index._unique else [])
            elif index[1]:
                keys.append(set(index[0]))
        return any(each and each <= set(ACCOUNT) for each in keys)

    def advice(self) -> list[str]:
        """What an operator should change about the model."""
        name, table = self.model.__name__, self.model._meta.table_name
        advice = fitting.advice(name, self.lengths, "make it a TextField")
        if not self.is_unique:
            advice.append(
                "Two users could end up with one account: add the index "
                f'(("provider_id", "provider_user_id"), True) to the table "{table}" of {name}.'
            )
        return advice

    def _comparable(self, field: Any, value: Any) -> Any:
        """*value* as the column could hold it; ``None`` if it could not."""
        text = str(value)
        match None if value is None or field is None else _kind(field):
            case kind if kind is int:
                return whole(text)
            case kind if kind is str:
                return text if is_storable(text) else None
            case kind if kind is UUID:
                return uuid_of(text)
        return value

    def _owned(self, user: Any) -> Any:
        """*user*, an object or a key, as the :attr:`owner` of a row takes it."""
        if (key := self.user_key(user)) is None:
            return self._comparable(self.owner, user)
        return key if self.user_model is None else real_user(user)

    def _fitted(self, name: str, value: Any) -> Any:
        field = self.fields.get(name)
        if name in TOKENS and value is not None:
            return Secret(value)
        if name in ACCOUNT:
            converted = self._comparable(field, value)
            return value if converted is None else converted
        if isinstance(value, str):
            value = shortened(name, value, self._length(name))
        takes_null = field is None or field.null or not isinstance(field, CharField | TextField)
        return "" if value is None and not takes_null else value

    def _length(self, name: str) -> int:
        return getattr(self.fields.get(name), "max_length", None) or 0


def _kind(field: Any) -> type | None:
    """The Python type of a field's values, of those that have to be known."""
    while isinstance(field, ForeignKeyField):
        field = field.rel_field
    if isinstance(field, IntegerField) and not isinstance(field, BooleanField):
        return int
    if isinstance(field, CharField | TextField):
        return str
    return UUID if isinstance(field, UUIDField) else None
