"""Registrations in a collection of the application's database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from ...values import Secret
from ..registrations import StoredRegistrations
from ..sealing import TokenSealing
from .primary import primary


class MongoEngineRegistrations(StoredRegistrations):
    """The hash of provider and host is the key of a document, which one inserts.

    :param model: a model with the fields of ``RegistrationMixin``.
    """

    def __init__(self, model: Any, sealing: TokenSealing) -> None:
        super().__init__(sealing)
        self._model = model

    def _count(self, since: int) -> int:
        return int(self._collection.count_documents({self._raw("created_at"): {"$gte": since}}))

    @property
    def _collection(self) -> Collection[Any]:
        return primary(self._model._get_collection())

    def _raw(self, name: str) -> str:
        """What the field *name* is called in a document."""
        return str(self._model._fields[name].db_field)

    def _document(self, row: Mapping[str, Any]) -> dict[str, Any]:
        plain = {each: str(v) if isinstance(v, Secret) else v for each, v in row.items()}
        return {self._raw(name): value for name, value in plain.items()}

    def _read(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {name: document.get(self._raw(name)) for name in self._model._fields}

    def _row(self, key: str) -> Mapping[str, Any] | None:
        found = self._collection.find_one({"_id": key})
        return None if found is None else self._read(found)

    def _rows(self) -> Iterable[Mapping[str, Any]]:
        return map(self._read, self._collection.find())

    def _insert(self, row: Mapping[str, Any]) -> bool:
        try:
            self._collection.insert_one(self._document(row))
        except DuplicateKeyError:
            return False
        return True

    def _update(self, row: Mapping[str, Any], version: int) -> bool:
        same = {"_id": row["key_hash"], self._raw("version"): version}
        return self._collection.replace_one(same, self._document(row)).matched_count == 1
