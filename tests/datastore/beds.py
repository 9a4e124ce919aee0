"""Stores to run the contract on: every way to have SQLAlchemy in an application, and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as SQLAlchemyLite
from sqlalchemy import (
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    column,
    create_engine,
    event,
    select,
    text,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    scoped_session,
    sessionmaker,
)

from flask_social.datastore.base import ConnectionDatastore
from flask_social.datastore.memory import MemoryConnectionDatastore
from flask_social.datastore.sqlalchemy import SQLAlchemyConnectionDatastore
from flask_social.datastore.tokens import TOKENS
from flask_social.models.sqla_v1 import ConnectionMixin, FlowMixin, RegistrationMixin

REGISTERED = "SELECT host, client_secret FROM registered"
OVERWRITE_SECRET = "UPDATE registered SET client_secret = :secret WHERE host = :host"


@dataclass(kw_only=True)
class Bed:
    """A store, and what a test needs around it."""

    store: ConnectionDatastore
    unit: Callable[[], AbstractContextManager[Any]]
    """One request's or thread's session."""
    find_user: Callable[[str], Any]
    """The user of that name, made and committed when first asked for. Has ``id``, ``name``."""
    engine: Engine | None = None
    make_store: Callable[[], ConnectionDatastore] | None = None
    """Another store of the same model and database, as another process would make it."""
    raw: Callable[[], list[dict[str, Any]]] = list
    """The rows as the database has them, oldest first: attribute -> stored value. Called outside
    of a unit, as is the next."""
    overwrite: Callable[..., None] = lambda **_: None
    """Writes its arguments, attributes of the row whose ``provider_user_id`` is the first one,
    past the store and past every hook of the ORM. Committed."""
    save: Callable[[Any], None] = lambda row: None
    """Writes a row whose attributes the application itself has set. Committed."""
    remove_user: Callable[[str], None] = lambda name: None
    """Deletes the user of that name in the application's own way. Committed."""
    raw_registrations: Callable[[], list[dict[str, Any]]] = list
    """The same as ``raw`` of registrations, in no order."""
    overwrite_secret: Callable[[str, str], None] = lambda host, secret: None
    """Writes the ``client_secret`` of the registration at a host past the store. Committed."""
    one_writer: bool = False
    """Whether what the application wrote and did not commit keeps everybody else from writing."""

    def connected(self, name: str, subject: str = "7", **values: Any) -> Any:
        """A committed connection of the user of that name."""
        values = {"provider_id": "acme", "access_token": "token", **values}
        user = self.find_user(name)
        row = self.store.create_connection(user=user, provider_user_id=subject, **values)
        self.store.commit()
        return row

    def restart(self, *keys: str, keeps: bool = True) -> None:
        """Go on as another process would, with *keys* to seal and open tokens."""
        assert self.make_store is not None
        self.store = self.make_store()
        self.store.sealing.use(keys, keeps=keeps)

    @property
    def tokens(self) -> list[str]:
        """The token columns that the model has."""
        return [name for name in TOKENS if hasattr(self.store.connection_model, name)]


@dataclass
class Models:
    user: Any
    connection: Any
    flow: Any
    registered: Any = None


def shipped(base: Any) -> Models:
    """The models that an application of today has."""

    class User(base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(80), unique=True)
        connections = relationship(
            "Connection",
            back_populates="user",
            cascade="all, delete-orphan",
            passive_deletes=True,
        )

    class Connection(base, ConnectionMixin):
        __tablename__ = "connection"
        social_user_attribute = "connections"

    class SpentFlow(base, FlowMixin):
        __tablename__ = "spent_flow"

    class Registered(base, RegistrationMixin):
        __tablename__ = "registered"

    return Models(User, Connection, SpentFlow, Registered)


def documented(base: Any) -> Models:
    """The model that the documentation of 1.6 prints, with a real foreign key."""

    class User(base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(80), unique=True)

    class Connection(base):
        __tablename__ = "connection"
        id = mapped_column(Integer, primary_key=True)
        user_id = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
        user = relationship("User")
        provider_id = mapped_column(String(255))
        provider_user_id = mapped_column(String(255))
        access_token = mapped_column(String(255))
        secret = mapped_column(String(255))
        display_name = mapped_column(String(255))
        profile_url = mapped_column(String(512))
        image_url = mapped_column(String(512))
        rank = mapped_column(Integer)

    return Models(User, Connection, None)


def sqlite_file(folder: Path) -> str:
    """The URL of a file in *folder*; its writers wait a minute for each other, not five seconds."""
    return f"sqlite:///{folder / 'social.db'}?timeout=60"


def flask_sqlalchemy(url: str, declare: Callable[[Any], Models] = shipped) -> Iterator[Bed]:
    class Base(DeclarativeBase):
        pass

    db = SQLAlchemy(model_class=Base)
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    yield from _sql_bed(db, declare(db.Model), engine, app.app_context)


def flask_sqlalchemy_lite(url: str, declare: Callable[[Any], Models] = shipped) -> Iterator[Bed]:
    class Base(DeclarativeBase):
        pass

    app = Flask(__name__)
    app.config["SQLALCHEMY_ENGINES"] = {"default": url}
    db = SQLAlchemyLite(app)
    with app.app_context():
        engine = db.engine
    yield from _sql_bed(db, declare(Base), engine, app.app_context)


def plain(url: str, declare: Callable[[Any], Models] = shipped) -> Iterator[Bed]:
    """A session of the application's own making, which does not flush by itself."""

    class Base(DeclarativeBase):
        pass

    engine = create_engine(url)
    session = scoped_session(sessionmaker(engine, autoflush=False))

    @contextmanager
    def unit() -> Iterator[None]:
        try:
            yield
        finally:
            session.remove()

    yield from _sql_bed(session, declare(Base), engine, unit)


def memory() -> Iterator[Bed]:
    users: dict[str, Any] = {}
    yield Bed(
        store=MemoryConnectionDatastore(),
        unit=nullcontext,
        find_user=lambda name: users.setdefault(name, MemoryUser(len(users) + 1, name)),
    )


@dataclass
class MemoryUser:
    id: int
    name: str

    def __post_init__(self) -> None:
        self.fs_uniquifier = uuid4().hex


def _sql_bed(db: Any, models: Models, engine: Engine, unit: Callable[[], Any]) -> Iterator[Bed]:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    models.user.metadata.create_all(engine)

    def make_store() -> SQLAlchemyConnectionDatastore:
        return SQLAlchemyConnectionDatastore(db, models.connection, models.flow, models.registered)

    store = make_store()

    def find_user(name: str) -> Any:
        query = select(models.user).filter_by(name=name)
        user = store.session.scalars(query).first()
        if user is None:
            user = store.put(models.user(name=name))
            store.commit()
        return user

    def remove_user(name: str) -> None:
        store.session.delete(find_user(name))
        store.session.commit()

    def save(row: Any) -> None:
        assert row in store.session
        store.session.commit()

    table = Table(models.connection.__table__.name, MetaData())  # of no type that converts
    columns: list[Any] = [column(each.name) for each in models.connection.__table__.columns]

    def raw() -> list[dict[str, Any]]:
        with engine.connect() as connection:
            query = select(*columns).select_from(table).order_by(columns[0])
            return [dict(row) for row in connection.execute(query).mappings()]

    def overwrite(subject: str, **values: Any) -> None:
        account = models.connection.__table__.c.provider_user_id == subject
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        key = select(models.connection.__table__.c.id).where(account)
        with engine.begin() as connection:
            bound = {**values, "key": connection.execute(key).scalar_one()}
            statement = f"UPDATE {table.name} SET {assignments} WHERE id = :key"
            connection.execute(text(statement), bound)

    try:
        yield Bed(
            store=store, unit=unit, find_user=find_user, engine=engine, make_store=make_store,
            raw=raw, overwrite=overwrite, save=save, remove_user=remove_user,
            raw_registrations=partial(_raw_registrations, engine),
            overwrite_secret=partial(_overwrite_secret, engine),
            one_writer=engine.dialect.name == "sqlite",
        )  # fmt: skip
    finally:
        engine.dispose()


def _raw_registrations(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(REGISTERED)).mappings()]


def _overwrite_secret(engine: Engine, host: str, secret: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(OVERWRITE_SECRET), {"host": host, "secret": secret})


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")  # no test switches the machine off
