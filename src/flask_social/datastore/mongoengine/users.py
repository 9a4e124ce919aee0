"""The users that connections refer to."""

from __future__ import annotations

from typing import Any

from bson import DBRef
from mongoengine import Document, DoesNotExist, QuerySet, ValidationError
from pymongo.errors import DuplicateKeyError

from ..base import Conflict
from .fields import ModelFields, key_of
from .primary import LASTING, primary
from .trouble import quietly, taken_fields


class Users:
    """The users of one connection model's rows."""

    def __init__(self, fields: ModelFields) -> None:
        self._fields = fields

    def show(self, rows: list[Any], known: Any = None) -> list[Any]:
        """*rows*, each with its user loaded; ``None`` where that one is gone.

        MongoEngine would load them one by one, and raise for the one that is not there.

        :param known: a user who need not be looked for.
        """
        if self._fields.user_key != "user":
            return rows  # the application's own property finds them
        model = self._fields.field("user").document_type
        stored = model._fields[model._meta["id_field"]].to_mongo
        keys = [None if (key := _key_in(row)) is None else stored(key) for row in rows]
        users = {} if known is None else {stored(key_of(known)): known}
        if missing := [key for key in keys if key is not None and key not in users]:
            users |= _query(model).in_bulk(missing)
        for row, key in zip(rows, keys, strict=True):
            row._data["user"] = users.get(key)
        return rows

    def has_one(self, row: Any) -> bool:
        """Whether *row* has a user by now."""
        try:
            [shown] = self.show([row])
            return shown.user is not None
        except DoesNotExist:
            return False


def is_new(user: Any) -> bool:
    """Whether *user* is not in the database yet."""
    return isinstance(user, Document) and (user.pk is None or user._created)


def is_gone(user: Any) -> bool:
    """Whether *user*, who was in the database, was deleted there meanwhile."""
    if not isinstance(user, Document):
        return False
    return _query(type(user))(pk=user.pk).only("pk").first() is None


def insert(user: Any) -> None:
    """Write *user*, who is new.

    :raises Conflict: when a unique key of the user's is taken, or a field is not valid.
    """
    try:
        quietly(lambda: user.save(force_insert=True, write_concern=LASTING))
    except DuplicateKeyError as error:
        fields = ", ".join(sorted(taken_fields(error))) or "key"
        raise Conflict(f"The new user's {fields} is taken.") from None
    except ValidationError as error:
        fields = ", ".join(sorted(map(str, error.errors or ())))
        raise Conflict(f"The new user is not valid: {fields}") from None


def _key_in(row: Any) -> Any:
    there = row._data.get("user")
    return there.id if isinstance(there, DBRef) else key_of(there)


def _query(model: Any) -> Any:
    return QuerySet(model, primary(model._get_collection()))
