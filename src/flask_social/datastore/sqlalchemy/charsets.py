"""What a text column of MySQL or MariaDB cannot hold: most tables there are older than emoji."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from ..fitting import CUT, DROPPED
from .columns import MYSQL

logger = logging.getLogger("flask_social")

WHOLE = frozenset({"utf8mb4", "utf16", "utf16le", "utf32"})
"""Character sets that hold every character."""
BASIC = frozenset({"utf8mb3", "utf8", "ucs2"})
"""Those that hold none of four bytes. Of all others no more than ASCII is expected."""
QUERY = sa.text(
    "SELECT column_name, character_set_name FROM information_schema.columns"
    " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name"
)


class Charsets:
    """The narrow text columns of one model, looked up once for each database it is used with."""

    def __init__(self) -> None:
        self._narrow: WeakKeyDictionary[sa.Engine, Mapping[str, str]] = WeakKeyDictionary()

    def fitting(
        self, values: Mapping[str, Any], connection: sa.Connection, mapper: Mapper[Any]
    ) -> dict[str, Any]:
        """*values* without those texts for people that the database would refuse."""
        narrow = self._of(connection, mapper)
        return {
            name: value
            for name, value in values.items()
            if name not in narrow or holds(narrow[name], value)
        }

    def _of(self, connection: sa.Connection, mapper: Mapper[Any]) -> Mapping[str, str]:
        """The character set of each narrow column, by its attribute."""
        if connection.dialect.name not in MYSQL:
            return {}
        if (narrow := self._narrow.get(connection.engine)) is None:
            narrow = _read(connection, mapper)
            if narrow:
                logger.warning(_advice(mapper, narrow.values()))
            self._narrow[connection.engine] = narrow
        return narrow


def holds(charset: str, value: Any) -> bool:
    """Whether a column of *charset* takes *value*."""
    if not isinstance(value, str) or value.isascii():
        return True
    return charset in BASIC and max(value) <= "\uffff"


def _read(connection: sa.Connection, mapper: Mapper[Any]) -> Mapping[str, str]:
    table: Any = mapper.local_table
    asked = {"schema": table.schema, "name": table.name}
    told = {str(row[0]): row[1] for row in connection.execute(QUERY, asked)}
    found = {name: told.get(mapper.columns[name].name) for name in _texts(mapper)}
    return {name: charset for name, charset in found.items() if charset and charset not in WHOLE}


def _texts(mapper: Mapper[Any]) -> list[str]:
    return [name for name in (*CUT, *DROPPED) if name in mapper.columns]


def _advice(mapper: Mapper[Any], charsets: Iterable[str]) -> str:
    return (
        f'The table "{mapper.local_table}" is in {" and ".join(sorted(set(charsets)))}: names with '
        "other characters, emoji for instance, are not kept. Convert its text columns to utf8mb4."
    )
