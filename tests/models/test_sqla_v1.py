"""The SQLAlchemy mixins: their columns on every database, and what goes with a user."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    UniqueConstraint,
    create_engine,
    event,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.schema import CreateTable

from flask_social.models.sqla_v1 import ConnectionMixin, ExactText, FlowMixin, SecretText
from flask_social.values import Secret


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)


class Connection(Base, ConnectionMixin):
    __tablename__ = "connection"


class SpentFlow(Base, FlowMixin):
    __tablename__ = "spent_flow"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'social.db'}"
    return str(request.getfixturevalue("postgres_database"))


@contextmanager
def tables(url: str, base: Any = Base, *, foreign_keys: bool = True) -> Iterator[Session]:
    """A session on a database with the tables of *base*."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite" and foreign_keys:
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
    base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def connection(**values: Any) -> dict[str, Any]:
    return {"provider_id": "acme", "provider_user_id": "7", **values}


def test_the_schema_is_the_one_that_was_frozen() -> None:
    table = Connection.__table__
    columns = {column.name: column for column in table.columns}
    assert set(columns) == {
        *("id", "user_id", "provider_id", "issuer", "provider_user_id"),
        *("access_token", "secret", "refresh_token", "id_token"),
        *("token_type", "scopes", "expires_at"),
        *("display_name", "full_name", "email", "email_verified", "profile_url", "image_url"),
        *("rank", "needs_reauth", "version", "lease_until", "created_at", "updated_at"),
    }
    assert {name for name, column in columns.items() if not column.nullable} == {
        *("id", "user_id", "provider_id", "provider_user_id"),
        *("email_verified", "needs_reauth", "version"),
    }
    [unique] = [each for each in table.constraints if isinstance(each, UniqueConstraint)]  # type: ignore[attr-defined]
    assert [column.name for column in unique.columns] == ["provider_id", "provider_user_id"]
    [index] = table.indexes  # type: ignore[attr-defined]
    assert [column.name for column in index.columns] == ["user_id"]
    [key] = columns["user_id"].foreign_keys
    assert (key.target_fullname, key.ondelete) == ("user.id", "CASCADE")


def test_mysql_and_mariadb_compare_bytes_and_take_long_tokens() -> None:
    ddl = str(CreateTable(Connection.__table__).compile(dialect=mysql.dialect()))  # type: ignore[arg-type]
    assert "provider_user_id VARBINARY(1020) NOT NULL" in ddl
    assert "provider_id VARCHAR(64) NOT NULL" in ddl
    for name in ("access_token", "secret", "refresh_token", "id_token"):
        assert f"{name} LONGTEXT" in ddl


def test_postgresql_and_sqlite_have_plain_text() -> None:
    for dialect in (postgresql.dialect(), sqlite.dialect()):
        ddl = str(CreateTable(Connection.__table__).compile(dialect=dialect))  # type: ignore[arg-type]
        assert "provider_user_id VARCHAR(255) NOT NULL" in ddl
        assert "access_token TEXT" in ddl


def test_a_subject_goes_to_mysql_as_bytes_and_comes_back_as_text() -> None:
    exact, dialect = ExactText(255), mysql.dialect()
    stored = exact.process_bind_param("abC\u0327 ", dialect)
    assert stored == b"abC\xcc\xa7 "
    assert exact.process_result_value(stored, dialect) == "abC\u0327 "
    assert exact.process_bind_param(None, dialect) is None
    assert exact.process_result_value(None, dialect) is None


def test_a_subject_goes_elsewhere_as_text() -> None:
    assert ExactText(255).process_bind_param("abC ", sqlite.dialect()) == "abC "


def test_a_token_is_hidden_before_and_after_it_is_stored(url: str) -> None:
    with tables(url) as session:
        row = Connection(user=User(), access_token="hush", **connection())
        assert repr(row.access_token) == "<secret>"
        session.add(row)
        session.commit()
        assert row.access_token == "hush"
        assert isinstance(row.access_token, Secret)
        assert row.refresh_token is None
        assert repr(row) == "<Connection acme:7>"
        assert "hush" not in repr(vars(row))
        stored = session.scalar(text("SELECT access_token FROM connection"))
        assert type(stored) is str
        assert stored == "hush"
        assert session.scalar(select(Connection).where(Connection.access_token == "hush")) is row


def test_no_token_shows_in_the_text_of_a_failed_statement(url: str) -> None:
    with tables(url) as session:
        session.add(User(id=1))
        session.flush()
        row = connection(user_id=1, access_token="hush", secret="hush")
        with pytest.raises(StatementError) as caught:
            session.execute(insert(Connection), [row, row])
    assert "parameters" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_row_with_a_token_is_not_pickled_and_statements_are_cached() -> None:
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(Connection(**connection(access_token="hush")))
    assert SecretText.cache_ok
    assert ExactText.cache_ok


def test_the_connections_of_a_removed_user_go_by_the_foreign_key(url: str) -> None:
    with tables(url) as session:
        session.add(Connection(user=User(), **connection()))
        session.commit()
        session.delete(session.scalars(select(User)).one())
        session.commit()
        assert session.scalars(select(Connection)).all() == []
        session.add(Connection(user=User(), **connection()))
        session.commit()
        session.execute(text('DELETE FROM "user"'))
        session.commit()
        assert session.scalars(select(Connection)).all() == []


def test_the_connections_of_a_removed_user_go_by_the_relationship(url: str) -> None:
    class Own(DeclarativeBase):
        pass

    class User(Own):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        connections = relationship(
            "Connection", back_populates="user", cascade="all, delete-orphan"
        )

    class Connection(Own, ConnectionMixin):
        __tablename__ = "connection"
        social_user_attribute = "connections"

    with tables(url, Own, foreign_keys=False) as session:
        user = User()
        user.connections.append(Connection(**connection()))
        session.add(user)
        session.commit()
        assert user.connections[0].user is user
        session.delete(user)
        session.commit()
        assert session.scalars(select(Connection)).all() == []


def test_the_other_side_of_the_relationship_may_be_declared_alone() -> None:
    class Own(DeclarativeBase):
        pass

    class User(Own):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        links = relationship("Connection", back_populates="user", passive_deletes=True)

    class Connection(Own, ConnectionMixin):
        __tablename__ = "connection"

    Own.registry.configure()  # of this test alone: others' classes may be half collected
    user, row = User(), Connection(**connection())
    user.links.append(row)
    assert row.user is user


def test_flask_sqlalchemy_names_the_tables_itself() -> None:
    db: Any = SQLAlchemy()

    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    class Connection(db.Model, ConnectionMixin):
        pass

    class SpentFlow(db.Model, FlowMixin):
        pass

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add(Connection(user=User(), **connection()))
        db.session.commit()
        row = db.session.scalars(select(Connection)).one()
        assert repr(row) == "<Connection 1>"
        assert {"connection", "spent_flow", "user"} <= set(inspect(db.engine).get_table_names())
        db.session.remove()
        db.engine.dispose()


def test_rows_written_by_other_means_get_sensible_flags(url: str) -> None:
    with tables(url) as session:
        session.add(User(id=1))
        session.flush()
        session.execute(
            text(
                "INSERT INTO connection (user_id, provider_id, provider_user_id) "
                "VALUES (1, 'acme', '7')"
            )
        )
        row = session.scalars(select(Connection)).one()
        assert (row.email_verified, row.needs_reauth, row.version) == (False, False, 1)
        assert row.created_at is None
