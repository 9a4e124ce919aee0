"""The SQLAlchemy store on models that applications may have."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import DateTime, ForeignKey, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from flask_social.datastore.base import AlreadyConnected
from flask_social.errors import ConfigurationError
from flask_social.models.sqla_v1 import ConnectionMixin

from . import beds
from .beds import Bed, Models


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return beds.sqlite_file(tmp_path)
    return str(request.getfixturevalue("postgres_database"))


@contextmanager
def declared(url: str, declare: Callable[[Any], Models]) -> Iterator[Bed]:
    with contextmanager(beds.plain)(url, declare) as bed, bed.unit():
        yield bed


def owners(base: Any) -> Models:
    """The foreign key has a name of its own, and users have UUIDs."""

    class User(base):
        __tablename__ = "account"
        id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
        name: Mapped[str] = mapped_column(String(80), unique=True)

    class Link(base):
        __tablename__ = "link"
        __table_args__ = (UniqueConstraint("provider_id", "provider_user_id"),)
        id = mapped_column(Integer, primary_key=True)
        owner_id = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), nullable=False)
        user = relationship("User")
        provider_id = mapped_column(String(64))
        provider_user_id = mapped_column(String(255))
        token = mapped_column(Text)
        access_token = synonym("token")
        created_at = mapped_column(DateTime, default=lambda: datetime(2020, 1, 1))  # noqa: DTZ001
        expires_at = mapped_column(DateTime)

    return Models(User, Link, None)


def folded(base: Any) -> Models:
    """SQLite compares as MySQL would by default: without regard to case."""

    class User(base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(80), unique=True)

    class Connection(base):
        __tablename__ = "connection"
        id = mapped_column(Integer, primary_key=True)
        user_id = mapped_column(ForeignKey("user.id"))
        user = relationship("User")
        provider_id = mapped_column(String(255))
        provider_user_id = mapped_column(String(255, collation="NOCASE"))
        access_token = mapped_column(Text)

    return Models(User, Connection, None)


def tenants(base: Any) -> Models:
    """The mixin with a user model of another name, table and key."""

    class Person(base):
        __tablename__ = "people"
        uid: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
        name: Mapped[str] = mapped_column(String(80), unique=True)

    class Connection(base, ConnectionMixin):
        __tablename__ = "connection"
        social_user_class = "Person"
        social_user_table = "people"
        social_user_key = "uid"

    return Models(Person, Connection, None)


def eager(base: Any) -> Models:
    """The user's connections are joined to every query for the user."""

    class User(base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(80), unique=True)
        connections = relationship("Connection", back_populates="user", lazy="joined")

    class Connection(base, ConnectionMixin):
        __tablename__ = "connection"

    return Models(User, Connection, None)


def tokenless(base: Any) -> Models:
    class User(base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(80), unique=True)

    class Connection(base):
        __tablename__ = "connection"
        id = mapped_column(Integer, primary_key=True)
        user_id = mapped_column(ForeignKey("user.id"))
        user = relationship("User")
        provider_id = mapped_column(String(255))

    return Models(User, Connection, None)


def test_a_foreign_key_of_another_name_and_type_serves_as_user_id(url: str) -> None:
    with declared(url, owners) as bed:
        ann = bed.find_user("ann")
        row = bed.store.create_connection(
            user_id=str(ann.id), provider_id="acme", provider_user_id="7", access_token="t"
        )
        bed.store.commit()
        assert (row.owner_id, row.token) == (ann.id, "t")
        for key in (ann.id, str(ann.id), ann.id.hex):
            assert bed.store.find_connection(user_id=key) is row
        assert bed.store.find_connection(user_id="7") is None
        assert bed.store.lock_connections(ann) == [row]


def test_a_date_column_of_the_applications_own_is_left_to_it(url: str) -> None:
    with declared(url, owners) as bed:
        row = bed.connected("ann", expires_at=2**33)
        bed.store.update_connection(row, access_token="new", expires_at=2**34)
        bed.store.commit()
        assert row.created_at.replace(tzinfo=UTC) == datetime(2020, 1, 1, tzinfo=UTC)
        assert row.expires_at is None


def test_the_mixin_follows_a_user_model_of_any_name(url: str) -> None:
    with declared(url, tenants) as bed:
        row = bed.connected("ann")
        person = bed.find_user("ann")
        assert row.user_id == person.uid
        assert bed.store.find_connection(user=person) is row
        assert bed.store.find_connection(user_id=str(person.uid)) is row


def test_a_user_with_joined_collections_is_still_found(url: str) -> None:
    with declared(url, eager) as bed:
        for subject in "123":
            bed.connected("ann", subject)
        bed.store.session.expunge_all()  # type: ignore[attr-defined]
        ann = bed.find_user("ann")
        assert [row.id for row in bed.store.find_connections(user=ann)] == [1, 2, 3]
        found = bed.store.find_connection(user=ann)
        assert found is not None
        assert found.provider_user_id == "1"
        assert len(bed.store.lock_connections(ann)) == 3


def test_without_a_constraint_the_oldest_of_two_rows_is_the_account(url: str) -> None:
    with declared(url, beds.documented) as bed:
        model = bed.store.connection_model
        account = {"provider_id": "acme", "provider_user_id": "7", "access_token": "t"}
        for name, rank in (("ann", 2), ("bob", 1)):
            bed.store.put(model(user=bed.find_user(name), rank=rank, **account))
            bed.store.commit()
        found = bed.store.find_connection(provider_id="acme", provider_user_id="7")
        assert found is not None
        assert found.user.name == "ann"
        with pytest.raises(AlreadyConnected):
            bed.connected("carl")
        assert bed.store.delete_connection(provider_id="acme", provider_user_id="7")
        bed.store.commit()
        [left] = bed.store.find_connections()
        assert left.user.name == "bob"


def test_where_the_database_folds_case_accounts_still_differ(tmp_path: Path) -> None:
    with declared(beds.sqlite_file(tmp_path), folded) as bed:
        upper = bed.connected("ann", "AbC")
        account = {"provider_id": "acme", "provider_user_id": "abC"}
        assert bed.store.find_connection(**account) is None
        assert bed.store.find_connections(**account) == []
        assert bed.store.delete_connections(**account) is False
        lower = bed.connected("bob", "abC")
        assert bed.store.find_connection(**account) is lower
        assert bed.store.find_connections(provider_id="acme", provider_user_id="AbC") == [upper]


def test_what_is_too_long_for_a_short_column_is_cut_or_left_out(url: str) -> None:
    with declared(url, beds.documented) as bed:
        row = bed.connected(
            "ann", display_name="n" * 300, image_url="https://example.org/" + "i" * 600
        )
        assert row.display_name == "n" * 255
        assert row.image_url is None


def said(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the library logged: others may speak meanwhile, for instance of what they collect."""
    return [each for each in caplog.records if each.name == "flask_social"]


def test_the_start_names_the_constraint_and_the_columns_to_change(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with declared(url, beds.documented) as bed, caplog.at_level(logging.WARNING):
        bed.store.require_columns()
    [record] = said(caplog)
    assert 'UniqueConstraint("provider_id", "provider_user_id")' in record.message
    assert 'the table "connection"' in record.message
    assert "Connection.access_token holds 255 characters" in record.message


def test_the_start_has_nothing_to_say_about_the_shipped_model(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with declared(url, beds.shipped) as bed:
        bed.store.require_columns()
    assert said(caplog) == []


def test_a_model_that_cannot_work_is_refused_by_name(url: str) -> None:
    with (
        declared(url, tokenless) as bed,
        pytest.raises(ConfigurationError, match="no provider_user_id and no access_token"),
    ):
        bed.store.require_columns()


def spread(base: Any) -> Models:
    """Connections whose columns are in two tables."""
    models = beds.shipped(base)
    usual: Any = models.connection

    class WorkConnection(usual):
        __tablename__ = "work_connection"
        id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
        __table_args__ = ()

    return Models(models.user, WorkConnection, None)


def test_a_model_whose_columns_are_in_two_tables_is_refused(url: str) -> None:
    with (
        declared(url, spread) as bed,
        pytest.raises(ConfigurationError, match="columns of WorkConnection are in several tables"),
    ):
        bed.store.require_columns()
