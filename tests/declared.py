"""The tables of a bed's application, which the next one in this process takes over.

Declaring six models, mapping them and compiling their SQL is two thirds of what an application
costs, and thousands are made. Applications that live at the same time have tables of their own; a
set that a test hung something on serves nobody else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_security.models import fsqla_v3
from flask_security.models.fsqla import FsModels
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import configure_mappers

from flask_social.models.sqla_v1 import ConnectionMixin, FlowMixin

FREE: list[Declared] = []
"""Sets that no application has now."""
IN_MEMORY = "sqlite://"


class Database(SQLAlchemy):
    """Keeps the engine of an SQLite database in memory, and with it the SQL that was compiled."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[dict[str, Any], sa.Engine]] = []

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> sa.Engine:
        if str(options["url"]) != IN_MEMORY:
            return super()._make_engine(bind_key, options, app)
        for alike, engine in self.kept:
            if alike == options:
                return engine
        engine = super()._make_engine(bind_key, options.copy(), app)
        self.kept.append((options, engine))
        return engine


def shipped(db: SQLAlchemy) -> Any:
    """The connection model of an application of today."""

    class Connection(db.Model, ConnectionMixin):  # type: ignore[name-defined]
        pass

    return Connection


@dataclass
class Declared:
    """The models of one application."""

    db: Database
    Role: Any
    User: Any
    WebAuthn: Any
    Connection: Any
    SpentFlow: Any
    is_of_today: bool
    tables: list[str] = field(default_factory=list)
    """The statements that make the tables of an SQLite database."""
    mark: object = None
    """What a test may not have changed when another is to have the set."""

    def create_tables(self) -> None:
        """Make the tables in the database of the application whose context this is."""
        if self.tables and self.db.engine.url.render_as_string() == IN_MEMORY:
            with self.db.engine.begin() as connection:
                for statement in self.tables:
                    connection.exec_driver_sql(statement)
            return
        self.db.create_all()
        if self.is_of_today:
            self.mark = self._state()
        if self.db.engine.url.render_as_string() == IN_MEMORY:
            with self.db.engine.connect() as connection:
                stored = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
                self.tables = list(connection.exec_driver_sql(stored).scalars())

    def give_back(self) -> None:
        """Let another application have the set, unless a test did something to it."""
        if self.mark is not None and self.mark == self._state():
            FREE.append(self)

    def _state(self) -> object:
        """What hangs on models, engines and sessions, and which sessions are still open."""
        models = (self.Role, self.User, self.WebAuthn, self.Connection, self.SpentFlow)
        session = self.db.session.session_factory()
        targets = [session, *(sa.inspect(model) for model in models)]
        targets += [engine for _, engine in self.db.kept]
        return (
            [{name: id(value) for name, value in vars(model).items()} for model in models],
            [_listeners(target) for target in targets],
            dict(self.db.session.registry.registry),
        )


def _listeners(target: Any) -> dict[str, list[Any]]:
    return {name: list(getattr(target.dispatch, name)) for name in target.dispatch._event_names}


def declared(declare: Callable[[SQLAlchemy], Any]) -> Declared:
    """Models for a new application, of which *declare* makes that of connections."""
    if declare is shipped and FREE:
        return FREE.pop()
    db = Database()
    FsModels.set_db_info(db)

    class Role(db.Model, fsqla_v3.FsRoleMixin):  # type: ignore[name-defined]
        pass

    class User(db.Model, fsqla_v3.FsUserMixin):  # type: ignore[name-defined]
        password = db.Column(db.String(255), nullable=True)

    class WebAuthn(db.Model, fsqla_v3.FsWebAuthnMixin):  # type: ignore[name-defined]
        pass

    model = declare(db)

    class SpentFlow(db.Model, FlowMixin):  # type: ignore[name-defined]
        pass

    return Declared(db, Role, User, WebAuthn, model, SpentFlow, declare is shipped)


def prepare() -> None:
    """Have a set ready for the next application, here and in every process forked from this one."""
    FREE.append(declared(shipped))
    configure_mappers()
