"""The old table itself, read through SQLAlchemy: page by page, with nothing held between two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from ..datastore.base import ConnectionDatastore
from ..datastore.sqlalchemy.store import SQLAlchemyConnectionDatastore
from ..datastore.sqlalchemy.trouble import told
from ..errors import SocialError


class TableTrouble(SocialError):
    """The old table cannot be read. The text says why, without a password and without a value."""


class OldTable:
    """A table that somebody else made, as the database itself describes it.

    :param name: may have a schema before it: ``old.connection``.
    :raises TableTrouble: when it is not there, or has no primary key of one column.
    """

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        schema, _, self.name = name.rpartition(".")
        self._schema = schema or None
        with _plainly(name):
            inspector = sa.inspect(engine)
            if not inspector.has_table(self.name, schema=self._schema):
                raise TableTrouble(f"There is no table {name!r} at {self.place}.")
            columns = inspector.get_columns(self.name, schema=self._schema)
            key = inspector.get_pk_constraint(self.name, schema=self._schema)
        self.lengths: dict[str, int] = {
            each["name"]: length
            for each in columns
            if (length := getattr(each["type"], "length", None)) is not None
        }
        """How many characters each column holds, where that was declared."""
        self.columns = frozenset(each["name"] for each in columns)
        if len(key["constrained_columns"]) != 1:
            raise TableTrouble(f"The table {name!r} has no primary key of one column.")
        [self._key] = key["constrained_columns"]

    @property
    def place(self) -> str:
        """The database's address, without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def count(self) -> int:
        """How many rows there are."""
        query = sa.select(sa.func.count()).select_from(self._table(()))
        with self._reading() as connection:
            return int(connection.scalar(query) or 0)

    def pages(self, columns: Sequence[str], size: int) -> Iterator[list[tuple[Any, Any]]]:
        """All rows in the order of their keys: lists of pairs of a key and a mapping.

        :param columns: those wanted; which of them the table lacks are left out.
        """
        wanted = [name for name in columns if name in self.columns]
        table = self._table(wanted)
        # Values come as the driver has them, so that no JSON is read before somebody can object.
        key = table.c[self._key]
        query = sa.select(key, *(table.c[name] for name in wanted)).order_by(key).limit(size)
        after = query.where(key.is_not(None))  # SQLite lets a primary key be NULL
        while True:
            with self._reading() as connection:
                rows = connection.execute(after).all()
            if rows:
                yield [(row[0], dict(zip(wanted, row[1:], strict=True))) for row in rows]
                after = query.where(key > rows[-1][0])
            if len(rows) < size:
                return

    def is_of(self, store: ConnectionDatastore) -> bool:
        """Whether it is the very table that *store* keeps its connections in."""
        engine = engine_of(store)
        if engine is None or engine.url != self._engine.url:
            return False
        own: Any = sa.inspect(store.connection_model).local_table
        return (own.schema, own.name) == (self._schema, self.name)

    def _table(self, columns: Sequence[str]) -> sa.TableClause:
        names = dict.fromkeys((self._key, *columns))
        return sa.table(self.name, *map(sa.column, names), schema=self._schema)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with _plainly(self.name), self._engine.connect() as connection, _lenient(connection):
            yield connection


def opened(url: str | None, store: ConnectionDatastore) -> sa.Engine:
    """The database at *url*; without one the one that *store* works with.

    :raises TableTrouble: when there is none, or the address is none.
    """
    if url is None:
        engine = engine_of(store)
        if engine is None:
            raise TableTrouble("The datastore has no database of SQL: say where the old one is.")
        return engine
    try:
        return sa.create_engine(url, poolclass=NullPool)
    except (SQLAlchemyError, ImportError, ValueError, TypeError) as error:
        why = str(error) if isinstance(error, ImportError) else "it is no address of SQLAlchemy's"
        raise TableTrouble(f"The database cannot be opened: {why}.") from None


def engine_of(store: ConnectionDatastore) -> sa.Engine | None:
    """What *store* works with, if that is SQLAlchemy."""
    if not isinstance(store, SQLAlchemyConnectionDatastore):
        return None
    return store.session.get_bind(sa.inspect(store.connection_model)).engine


@contextmanager
def _plainly(name: str) -> Iterator[None]:
    """:raises TableTrouble: for whatever the database raises, which may quote statement and row."""
    try:
        yield
    except SQLAlchemyError as error:
        raise TableTrouble(f"The table {name!r} cannot be read: {told(error)}") from None


@contextmanager
def _lenient(connection: sa.Connection) -> Iterator[None]:
    """SQLite keeps whatever it was given; one text that is no UTF-8 shall not hide the others."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    before, driver.text_factory = driver.text_factory, _decoded
    try:
        yield
    finally:
        driver.text_factory = before


def _decoded(stored: bytes) -> str:
    return stored.decode(errors="surrogateescape")
