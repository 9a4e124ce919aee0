"""Peewee to run the contract on: with the shipped models and with those of 1.6's documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from peewee import (
    CharField,
    Database,
    ForeignKeyField,
    IntegerField,
    Model,
    MySQLDatabase,
    PostgresqlDatabase,
    SqliteDatabase,
    TextField,
)
from playhouse.flask_utils import FlaskDB
from playhouse.pool import PooledSqliteDatabase
from sqlalchemy.engine import make_url

from flask_social.datastore.peewee import PeeweeConnectionDatastore
from flask_social.models.peewee_v1 import ConnectionMixin, FlowMixin, RegistrationMixin
from tests.datastore.beds import OVERWRITE_SECRET, REGISTERED, Bed, Models

PRAGMAS = {"foreign_keys": 1, "journal_mode": "wal"}
PATIENCE = 60
"""Seconds for which a writer of a SQLite file waits for another, not five."""


def sqlite_file(folder: Path) -> SqliteDatabase:
    """A file in *folder*."""
    return SqliteDatabase(str(folder / "social.db"), pragmas=PRAGMAS, timeout=PATIENCE)


def pooled_file(folder: Path) -> PooledSqliteDatabase:
    """The same, its connections used again."""
    path = str(folder / "social.db")
    return PooledSqliteDatabase(path, pragmas=PRAGMAS, timeout=PATIENCE, check_same_thread=False)


def postgresql(url: str) -> PostgresqlDatabase:
    """The database that a URL of SQLAlchemy names."""
    name, others = _parts(url)
    return PostgresqlDatabase(name, **others)


def mysql(url: str) -> MySQLDatabase:
    """The database that a URL of SQLAlchemy names, on MySQL or MariaDB."""
    name, others = _parts(url)
    return MySQLDatabase(name, **others)


def _parts(url: str) -> tuple[str, dict[str, Any]]:
    parts = make_url(url)
    given: dict[str, Any] = {"user": parts.username, "password": parts.password}
    given |= {"host": parts.host, "port": parts.port} | dict(parts.query)
    return parts.database or "", {name: value for name, value in given.items() if value}


def shipped(base: Any) -> Models:
    """The models that an application of today has."""

    class User(base):
        name = CharField(80, unique=True)

    class Connection(base, ConnectionMixin):
        user = ForeignKeyField(User, backref="connections", on_delete="CASCADE")

    class SpentFlow(base, FlowMixin):
        class Meta:
            table_name = "spent_flow"

    class Registered(base, RegistrationMixin):
        pass

    return Models(User, Connection, SpentFlow, Registered)


def documented(base: Any) -> Models:
    """The model of 1.6."""

    class User(base):
        name = CharField(80, unique=True)

    class Connection(base):
        user = ForeignKeyField(User, backref="connections")
        provider_id = CharField()
        provider_user_id = CharField()
        access_token = CharField(null=True)
        secret = CharField(null=True)
        display_name = CharField(null=True)
        profile_url = CharField(512, null=True)
        image_url = CharField(512, null=True)
        rank = IntegerField(null=True)

    return Models(User, Connection, None)


def strict(base: Any) -> Models:
    """A model as Peewee makes it where nobody says ``null=True``."""

    class User(base):
        name = CharField(80, unique=True)

    class Connection(base):
        user = ForeignKeyField(User, backref="connections")
        provider_id = TextField()
        provider_user_id = TextField()
        access_token = TextField()
        secret = TextField()
        display_name = TextField()
        profile_url = TextField()
        image_url = TextField()

        class Meta:
            indexes = ((("provider_id", "provider_user_id"), True),)

    return Models(User, Connection, None)


def in_memory_base() -> Any:
    """What models inherit that need no table."""

    class Base(Model):
        class Meta:
            database = SqliteDatabase(":memory:")

    return Base


def plain(database: Database, declare: Callable[[Any], Models] = shipped) -> Iterator[Bed]:
    """A database of the application's own making."""

    class Base(Model):
        class Meta:
            pass

    Base._meta.set_database(database)
    yield from _bed(database, database, declare(Base), database.connection_context)


def in_memory(declare: Callable[[Any], Models] = shipped) -> Iterator[Bed]:
    """A database that lives as long as its one connection."""
    database = SqliteDatabase(":memory:", pragmas=PRAGMAS)
    database.connect()

    class Base(Model):
        class Meta:
            pass

    Base._meta.set_database(database)

    @contextmanager
    def unit() -> Iterator[None]:
        yield

    yield from _bed(database, database, declare(Base), unit)


def flask_db(database: Database, declare: Callable[[Any], Models] = shipped) -> Iterator[Bed]:
    """A ``FlaskDB`` that was made before its application, and units that are requests."""
    db = FlaskDB(database=database)
    models = declare(db.Model)
    app = Flask(__name__)
    db.init_app(app)

    @contextmanager
    def unit() -> Iterator[None]:
        with app.test_request_context():
            app.preprocess_request()
            yield

    yield from _bed(db, database, models, unit)


def _bed(
    db: Any, database: Any, models: Models, unit: Callable[[], AbstractContextManager[Any]]
) -> Iterator[Bed]:
    declared = (models.user, models.connection, models.flow, models.registered)
    kinds = [each for each in declared if each is not None]
    with _opened(database):
        database.create_tables(kinds)
    stores: list[PeeweeConnectionDatastore] = []

    def make_store() -> PeeweeConnectionDatastore:
        given = (models.connection, models.flow, models.registered)
        stores.append(PeeweeConnectionDatastore(db, *given))
        return stores[-1]

    @contextmanager
    def abandoning() -> Iterator[None]:
        """A unit that ends as a request does: what is not committed is lost."""
        with unit():
            try:
                yield
            finally:
                for each in stores:
                    each.abandon()

    meta, mark = models.connection._meta, database.param

    def quoted(name: str) -> str:
        return name.join(database.quote)

    def raw() -> list[dict[str, Any]]:
        columns = ", ".join(map(quoted, meta.columns))
        query = f"SELECT {columns} FROM {quoted(meta.table_name)} ORDER BY id"
        names = [field.name for field in meta.columns.values()]
        with _opened(database):
            rows = database.execute_sql(query).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def overwrite(subject: str, **values: Any) -> None:
        with _opened(database), database.atomic():
            for name, value in values.items():
                change = f"UPDATE {quoted(meta.table_name)} SET {quoted(name)} = {mark}"
                database.execute_sql(f"{change} WHERE provider_user_id = {mark}", (value, subject))

    yield Bed(
        store=make_store(),
        unit=abandoning,
        find_user=lambda name: models.user.get_or_create(name=name)[0],
        make_store=make_store,
        raw=raw,
        overwrite=overwrite,
        raw_registrations=partial(_raw_registrations, database),
        overwrite_secret=partial(_overwrite_secret, database),
        save=lambda row: row.save(),
        remove_user=lambda name: models.user.get(name=name).delete_instance(recursive=True),
        one_writer=isinstance(database, SqliteDatabase),
    )
    if not database.is_closed():
        database.close()


def _raw_registrations(database: Any) -> list[dict[str, Any]]:
    with _opened(database):
        rows = database.execute_sql(REGISTERED).fetchall()
    return [dict(zip(("host", "client_secret"), row, strict=True)) for row in rows]


def _overwrite_secret(database: Any, host: str, secret: str) -> None:
    change = OVERWRITE_SECRET.replace(":secret", database.param).replace(":host", database.param)
    with _opened(database), database.atomic():
        database.execute_sql(change, (secret, host))


def _opened(database: Any) -> AbstractContextManager[Any]:
    """A connection, where there is none."""

    @contextmanager
    def there() -> Iterator[None]:
        yield

    return database.connection_context() if database.is_closed() else there()
