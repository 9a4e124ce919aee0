"""What the application's connection model has, and what of ours fits into it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from bson import ObjectId
from mongoengine import CASCADE
from mongoengine.fields import (
    IntField,
    LongField,
    ObjectIdField,
    ReferenceField,
    SequenceField,
    StringField,
    UUIDField,
)

from ... import clock
from ...errors import ConfigurationError
from ...values import Secret
from .. import fitting
from ..filters import ACCOUNT, checked, is_storable, real_user
from ..fitting import TIMES, shortened, whole
from ..tokens import TOKENS


class ModelFields:
    """The fields of one connection model.

    Nothing is looked at before the first use, when the model of the user is declared as well.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of *values* that the model has a field for, as that field can hold them."""
        known: dict[str, Any] = {}
        for name, value in values.items():
            if name in ("user", "user_id"):
                known |= self._whose(name, value)
            elif self.has(name):
                known[name] = self._fitted(name, value)
        return known

    def fresh(self) -> dict[str, Any]:
        """What a new row starts with, besides its values."""
        return {name: clock.now() for name in ("created_at", "updated_at") if self.has(name)}

    def criteria(self, filters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The query of *filters*; ``None`` where something is missing or no row could have it.

        :raises TypeError: for an unknown filter.
        """
        wanted = {}
        for name, value in checked(filters).items():
            if name in ("user", "user_id"):
                key = key_of(real_user(value)) if name == "user" else value
                attribute, comparable = self.user_key, self.whose(key)
            else:
                attribute, comparable = name, stored(self.field(name), value)
            if comparable is None:
                return None
            wanted[self.raw(attribute)] = comparable
        return wanted

    def whose(self, key: Any) -> Any:
        """The user's *key* as a row stores it; ``None`` if none could."""
        field = self.field(self.user_key)
        if not isinstance(field, ReferenceField):
            return stored(field, key)
        user = field.document_type
        known = stored(user._fields[user._meta["id_field"]], key)
        return None if known is None else field.to_mongo(known)

    def bumped(self, row: Any) -> dict[str, Any]:
        """What changes in *row* with every update."""
        bumped = {"updated_at": clock.now()} if self.has("updated_at") else {}
        if self.is_number("version"):
            bumped["version"] = (row.version or 0) + 1
        return bumped

    def show(self, row: Any, values: Mapping[str, Any]) -> None:
        """Let *row*, in memory, have *values*: they are not for MongoEngine to write."""
        row._data.update(values)
        written = {self.raw(name) for name in values}
        changed = getattr(row, "_changed_fields", ())
        row._changed_fields = [name for name in changed if name not in written]

    def by_age(self, row: Any) -> tuple[Any, ...]:
        """Where *row* stands among others: oldest first."""
        return (self._number(row, "created_at") or 0, row.pk)

    def by_rank(self, row: Any) -> tuple[Any, ...]:
        """Lowest rank first, rows without one last; then oldest."""
        rank = self._number(row, "rank")
        return (rank is None, rank or 0, *self.by_age(row))

    def has(self, name: str) -> bool:
        """Whether the model has a field of that name that is ours to fill."""
        return name in self.model._fields and (name not in TIMES or self.is_number(name))

    def is_number(self, name: str) -> bool:
        """Whether the field holds integers."""
        return isinstance(self.model._fields.get(name), IntField | LongField)

    def field(self, name: str) -> Any:
        """The field of that name."""
        return self.model._fields[name]

    def raw(self, name: str) -> str:
        """What the field of that name is called in the database."""
        return str(self.model._fields[name].db_field)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Which of the four the model has."""
        return tuple(name for name in TOKENS if self.has(name))

    @cached_property
    def user_key(self) -> str:
        """The field that holds the user's key: ``user`` as a reference, else ``user_id``."""
        return "user" if isinstance(self.model._fields.get("user"), ReferenceField) else "user_id"

    @cached_property
    def is_unique(self) -> bool:
        """Whether the database refuses a second row for one account."""
        account = {self.raw(name) for name in ACCOUNT}
        declared = [
            {name for name, _ in spec["fields"]}
            for spec in self.model._meta.get("index_specs", ())
            if spec.get("unique") and not spec.get("sparse")
        ]
        return any(each <= account for each in [*declared, {"_id"}])

    def require_user(self) -> None:
        """:raises ConfigurationError: when nothing in the model can say whose a connection is."""
        if self.user_key not in self.model._fields:
            raise ConfigurationError(
                f"The connection model {self.model.__name__} needs a user: "
                f"ReferenceField(User, reverse_delete_rule=CASCADE), or a field user_id."
            )

    def advice(self) -> list[str]:
        """What an operator should change about the model."""
        name = self.model.__name__
        lengths = {token: length for token in self.tokens if (length := self._length(token))}
        advice = fitting.advice(name, lengths, "leave out max_length")
        if not self.is_unique:
            advice.append(
                f"Two users could end up with one account: give {name} the index "
                '{"fields": ["provider_id", "provider_user_id"], "unique": True}.'
            )
        if not self._cascades():
            advice.append(
                f"The connections of a removed user stay: give {name}.user "
                "reverse_delete_rule=CASCADE."
            )
        return advice

    def _cascades(self) -> bool:
        if self.user_key == "user_id":
            return True  # what happens then is the application's own affair
        rules = self.field("user").document_type._meta.get("delete_rules") or {}
        return CASCADE in (rules.get((self.model, "user")), self.field("user").reverse_delete_rule)

    def _whose(self, name: str, value: Any) -> dict[str, Any]:
        """A new row's user, in whichever of the two ways the model has."""
        if name == "user":
            user = real_user(value)
            key = key_of(user)
        else:
            user, key = None, value
        if self.user_key == "user_id":
            return {"user_id": self.whose(key)}
        return {"user": user if name == "user" else self._user_of(key)}

    def _user_of(self, key: Any) -> Any:
        user = self.field("user").document_type
        known = stored(user._fields[user._meta["id_field"]], key)
        return None if known is None else user.objects(pk=known).first()

    def _fitted(self, name: str, value: Any) -> Any:
        if name in ACCOUNT:
            return stored(self.field(name), value)
        if name in TOKENS and isinstance(value, str):
            return value if isinstance(value, Secret) else Secret(value)
        if isinstance(value, str):
            return shortened(name, value, self._length(name))
        return value

    def _number(self, row: Any, name: str) -> int | None:
        return row._data.get(name) if self.is_number(name) else None

    def _length(self, name: str) -> int:
        return getattr(self.field(name), "max_length", None) or 0


def key_of(user: Any) -> Any:
    """The primary key of *user*, a document or not; ``None`` when it has none yet."""
    key = getattr(user, "pk", None)
    return getattr(user, "id", None) if key is None else key


def stored(field: Any, value: Any) -> Any:
    """*value*, a key or an account's id, as *field* stores it; ``None`` if it could not."""
    text = str(value)
    if value is None or not is_storable(text):
        return None
    try:
        return _converted(field, value, text)
    except ValueError:
        return None


def _converted(field: Any, value: Any, text: str) -> Any:
    match field:
        case StringField():
            return text
        case ObjectIdField():
            return ObjectId(text) if ObjectId.is_valid(text) else None
        case UUIDField():
            return field.to_mongo(UUID(text))
        case IntField() | LongField() | SequenceField():
            return whole(text)
    return value if isinstance(value, str | int | ObjectId | UUID) else None
