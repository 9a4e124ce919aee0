"""Registrations in a table of the application's database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..registrations import StoredRegistrations
from ..sealing import TokenSealing
from ..trouble import twice
from .beside import Beside
from .trouble import trouble


class SQLAlchemyRegistrations(StoredRegistrations):
    """Written in transactions of their own, so the application's is neither committed nor lost.

    :param model: a model with the columns of ``RegistrationMixin``.
    :param session: gives the session whose database has the table.
    """

    def __init__(self, model: Any, session: Callable[[], Session], sealing: TokenSealing) -> None:
        super().__init__(sealing)
        self._model = model
        self._beside = Beside(model, session, "its registrations")

    def _is_in_memory(self) -> bool:
        return self._beside.engine() is None

    def _count(self, since: int) -> int:
        query = sa.select(sa.func.count()).where(self._columns.created_at >= since)
        with self._engine.connect() as connection:
            return int(connection.scalar(query) or 0)

    @property
    def _engine(self) -> sa.Engine:
        return cast(sa.Engine, self._beside.engine())

    @property
    def _columns(self) -> Any:
        return self._model.__table__.c

    def _row(self, key: str) -> Mapping[str, Any] | None:
        query = sa.select(self._model.__table__).where(self._columns.key_hash == key)
        return next(iter(self._read(query)), None)

    def _rows(self) -> Iterable[Mapping[str, Any]]:
        return self._read(sa.select(self._model.__table__))

    def _read(self, query: Any) -> list[Mapping[str, Any]]:
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _insert(self, row: Mapping[str, Any]) -> bool:
        try:
            return self._write(sa.insert(self._model.__table__).values(**row))
        except IntegrityError:
            return False

    def _update(self, row: Mapping[str, Any], version: int) -> bool:
        same = (self._columns.key_hash == row["key_hash"], self._columns.version == version)
        return self._write(sa.update(self._model.__table__).where(*same).values(**row))

    def _write(self, statement: Any) -> bool:
        """Whether *statement*, committed by itself, wrote the row."""
        engine = self._engine
        self._beside.require_free(engine)

        def write() -> bool:
            with engine.begin() as connection:
                return bool(connection.execute(statement).rowcount == 1)

        return twice(write, trouble)
