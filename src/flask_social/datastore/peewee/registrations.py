"""Registrations in a table of the application's database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from peewee import IntegrityError

from ..registrations import StoredRegistrations
from ..sealing import TokenSealing
from ..trouble import twice
from .finding import database_of
from .transaction import Outcome, has_one_connection
from .trouble import trouble


class PeeweeRegistrations(StoredRegistrations):
    """Written in transactions of their own, so the application's is neither committed nor lost.

    :param model: a model with the columns of ``RegistrationMixin``.
    """

    def __init__(self, model: Any, outcome: Outcome, sealing: TokenSealing) -> None:
        super().__init__(sealing)
        self._model = model
        self._outcome = outcome

    def _is_in_memory(self) -> bool:
        return has_one_connection(database_of(self._model))

    def _count(self, since: int) -> int:
        query = self._model.select().where(self._model.created_at >= since)
        return int(self._outcome.beside(query.count, writes=False))

    def _row(self, key: str) -> Mapping[str, Any] | None:
        query = self._model.select().where(self._model.key_hash == key)
        return next(iter(self._read(query)), None)

    def _rows(self) -> Iterable[Mapping[str, Any]]:
        return self._read(self._model.select())

    def _read(self, query: Any) -> list[Mapping[str, Any]]:
        return self._outcome.beside(lambda: list(query.dicts()), writes=False)

    def _insert(self, row: Mapping[str, Any]) -> bool:
        try:
            self._write(self._model.insert(row).execute)
        except IntegrityError:
            return False
        return True

    def _update(self, row: Mapping[str, Any], version: int) -> bool:
        same = (self._model.key_hash == row["key_hash"], self._model.version == version)
        return bool(self._write(self._model.update(row).where(*same).execute) == 1)

    def _write(self, work: Callable[[], Any]) -> Any:
        return twice(lambda: self._outcome.beside(work, writes=True), trouble)
