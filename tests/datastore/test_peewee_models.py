"""The models that the Peewee store meets: the mixins, 1.6's, and what applications make of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from peewee import (
    CharField,
    CompositeKey,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    IntegrityError,
    Model,
    MySQLDatabase,
    SqliteDatabase,
    TextField,
    UUIDField,
)
from playhouse.shortcuts import model_to_dict
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_social import clock
from flask_social.datastore.peewee import PeeweeConnectionDatastore
from flask_social.datastore.sealing import PREFIX
from flask_social.errors import ConfigurationError
from flask_social.models import sqla_v1
from flask_social.models.peewee_v1 import ConnectionMixin, FlowMixin
from flask_social.values import Secret, Unreadable

from . import peewee_beds as beds
from .beds import Bed, Models
from .sealing_contract import OLD

ACCOUNT = {"provider_id": "acme", "provider_user_id": "7"}


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Bed]]:
    """A function that gives a bed of the models that are declared."""
    made: list[Iterator[Bed]] = []

    def bed(declare: Callable[[Any], Models] = beds.shipped) -> Bed:
        made.append(beds.plain(beds.sqlite_file(tmp_path), declare))
        return next(made[-1])

    yield bed
    for each in made:
        list(each)


# The mixins.


def columns_of(model: Any) -> dict[str, tuple[bool, int | None]]:
    """Which columns take NULL, and how long they are at most, by their names."""
    return {
        field.column_name: (field.null, getattr(field, "max_length", None))
        for field in model._meta.sorted_fields
    }


def test_the_columns_are_those_of_the_other_mixins() -> None:
    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Connection(Base, sqla_v1.ConnectionMixin):
        __tablename__ = "connection"

    class SpentFlow(Base, sqla_v1.FlowMixin):
        __tablename__ = "spent_flow"

    mine = beds.shipped(beds.in_memory_base())
    for theirs, model in ((Connection, mine.connection), (SpentFlow, mine.flow)):
        table: Any = theirs.__table__
        expected = {
            each.name: (bool(each.nullable), getattr(each.type, "length", None))
            for each in table.columns
        }
        assert columns_of(model) == expected
        assert [each.name for each in table.primary_key] == [model._meta.primary_key.column_name]


def test_the_tables_of_both_are_indexed_alike(tmp_path: Path) -> None:
    database = beds.sqlite_file(tmp_path)
    for bed in beds.plain(database):
        engine = sa.create_engine(f"sqlite:///{tmp_path}/social.db")
        found = sa.inspect(engine).get_indexes("connection")
        [key] = sa.inspect(engine).get_foreign_keys("connection")
        engine.dispose()
        named = {tuple(each["column_names"]): bool(each["unique"]) for each in found}
        assert named == {("user_id",): False, ("provider_id", "provider_user_id"): True}
        assert key["options"] == {"ondelete": "CASCADE"}
        assert bed.store.table == "connection"


def test_on_mysql_subjects_are_bytes_and_tokens_are_long() -> None:
    class Base(Model):
        class Meta:
            database = MySQLDatabase("none")

    models = beds.shipped(Base)
    statement, _ = models.connection._schema._create_table(safe=False).query()
    assert "`provider_user_id` VARBINARY(1020) NOT NULL" in statement
    for token in ("access_token", "secret", "refresh_token", "id_token"):
        assert f"`{token}` LONGTEXT" in statement
    field = models.connection.provider_user_id
    assert (field.db_value("7"), field.db_value(None)) == (b"7", None)
    assert field.python_value(b"7") == "7"


def test_indexes_of_the_application_leave_the_unique_one(make: Callable[..., Bed]) -> None:
    def declare(base: Any) -> Models:
        models = beds.shipped(base)

        class Indexed(base, ConnectionMixin):
            user = ForeignKeyField(models.user)

            class Meta:
                indexes = ((("provider_id", "rank"), False),)

        return Models(models.user, Indexed, None)

    bed = make(declare)
    with bed.unit():
        bed.connected("ann")
        with pytest.raises(IntegrityError):
            bed.store.connection_model.create(user=bed.find_user("ann"), **ACCOUNT)


def test_tokens_are_hidden_where_there_is_no_store_as_well() -> None:
    model = beds.shipped(beds.in_memory_base()).connection
    row = model(access_token="hush", **ACCOUNT)
    assert isinstance(row.access_token, Secret)
    assert isinstance(model.access_token.python_value("hush"), Secret)
    assert str(row) == "acme:7"
    assert "hush" not in repr(row)


def test_what_another_process_refreshed_survives_a_save_of_an_older_row(
    make: Callable[..., Bed],
) -> None:
    bed = make()
    with bed.unit():
        row = bed.connected("ann", refresh_token="spent")
        token = bed.store.read_token(row)
        assert token is not None
        assert bed.store.swap_token(token, access_token="new", refresh_token="new") is not None
        row.display_name = "Ann"
        with clock.replaced(lambda: 2000):
            row.save()
        assert row.save() is False, "there is nothing to write"
        [row] = bed.store.find_connections()
        assert (row.access_token, row.refresh_token, row.version) == ("new", "new", 2)
        assert (row.display_name, row.updated_at) == ("Ann", 2000)


def test_an_update_sees_what_is_in_the_row_and_not_what_memory_has_of_it(
    make: Callable[..., Bed],
) -> None:
    bed = make()
    with bed.unit():
        row = bed.connected("ann", refresh_token="r", scopes="one")
        token = bed.store.read_token(row)
        assert token is not None
        assert bed.store.swap_token(token, needs_reauth=True, scopes="two") is not None
        assert (row.needs_reauth, row.scopes) == (False, "one")
        login = {"access_token": "new", "needs_reauth": False, "scopes": "two"}
        bed.store.update_connection(row, **login)
        bed.store.commit()
        assert (row.version, row.scopes) == (3, "two")
        [row] = bed.store.find_connections()
        assert {name: getattr(row, name) for name in login} == login


# What an application does with rows.


@pytest.fixture
def bed(make: Callable[..., Bed]) -> Bed:
    """The shipped models, with a key."""
    bed = make()
    bed.restart(OLD)
    return bed


def test_a_row_that_the_application_makes_is_sealed(bed: Bed) -> None:
    model: Any = bed.store.connection_model
    with bed.unit():
        ann = bed.find_user("ann")
        model.create(user=ann, access_token="hush", secret="hush", **ACCOUNT)
        row = model(user=ann, provider_id="acme", provider_user_id="8", access_token="hush")
        row.save()
        assert [row.access_token for row in bed.store.find_connections()] == ["hush", "hush"]
    assert "hush" not in repr(bed.raw())


def test_what_is_written_past_the_rows_is_sealed_with_the_next_write(bed: Bed) -> None:
    model: Any = bed.store.connection_model
    with bed.unit():
        bed.connected("ann", access_token="sealed")
        model.update(access_token="plain").execute()
        assert bed.raw()[0]["access_token"] == "plain"
        [row] = bed.store.find_connections()
        assert row.access_token == "plain"
        bed.store.update_connection(row, display_name="Ann")
        bed.store.commit()
    assert bed.raw()[0]["access_token"].startswith(PREFIX)


def test_a_row_is_open_that_a_query_of_the_application_loads(bed: Bed) -> None:
    model: Any = bed.store.connection_model
    with bed.unit():
        bed.connected("ann", access_token="hush")
        user = model.user.rel_model
        joined = user.select(user, model).join(model, attr="connection").get().connection
        for row in (model.get(), joined, bed.find_user("ann").connections.get()):
            assert row.access_token == "hush"
            assert not row.is_dirty()
            assert "hush" not in repr(row.__data__)
        [partial] = model.select(model.access_token)
        assert isinstance(partial.access_token, Unreadable), "nobody knows whose it is"
        [plain] = model.select(model.access_token).tuples()
        assert plain[0].startswith(PREFIX)
        assert "hush" not in str(model_to_dict(row, recurse=False)["id_token"])


def test_a_row_that_moves_to_another_account_is_sealed_anew(bed: Bed) -> None:
    with bed.unit():
        bed.connected("ann", access_token="hush", secret="hush")
        [row] = bed.store.find_connections()
        row.provider_user_id = "8"
        row.save(only=["provider_user_id", "access_token", "secret"])
    assert "hush" not in repr(bed.raw())
    with bed.unit():
        [row] = bed.store.find_connections()
        assert (row.provider_user_id, row.access_token, row.secret) == ("8", "hush", "hush")


def test_a_row_of_some_columns_is_read_and_written_like_a_whole_one(bed: Bed) -> None:
    model = bed.store.connection_model
    with bed.unit():
        bed.connected("ann", access_token="hush", secret="hush secret")
        row = model.select(model.id, model.access_token).get()
        assert row.access_token == "hush"
        row = model.select(model.id, model.access_token).get()
        row.access_token = "hush-hush"
        row.save()
    assert "hush" not in repr(bed.raw())
    with bed.unit():
        row = model.select(model.id, model.provider_user_id).get()
        row.provider_user_id = "8"
        row.save()
    assert "hush" not in repr(bed.raw())
    with bed.unit():
        [row] = bed.store.find_connections()
        assert (row.access_token, row.secret) == ("hush-hush", "hush secret")


def test_a_token_that_is_given_to_another_row_is_sealed_for_that_one(bed: Bed) -> None:
    with bed.unit():
        one = bed.connected("ann", access_token="hush")
        two = bed.connected("ann", "8")
        two.access_token = one.access_token
        two.secret = Unreadable()
        two.save()
        assert two.access_token == "hush"
    with bed.unit():
        row = bed.store.find_connection(provider_id="acme", provider_user_id="8")
        assert row is not None
        assert (row.access_token, row.secret) == ("hush", None)


# Other models.


def test_columns_that_take_no_null_get_an_empty_text(make: Callable[..., Bed]) -> None:
    bed = make(beds.strict)
    values: dict[str, Any] = {"display_name": None, "profile_url": None, "image_url": None}
    with bed.unit():
        row = bed.connected("ann", access_token="t", secret=None, **values)
        bed.store.update_connection(row, access_token="u", secret=None, **values)
        bed.store.commit()
        token = bed.store.read_token(row)
        assert token is not None
        assert token.secret == ""
        assert bed.store.swap_token(token, access_token=None) is not None
        [row] = bed.store.find_connections()
        assert (row.access_token, row.secret, row.display_name) == ("", "", "")
    bed.restart(OLD)
    with bed.unit():
        bed.connected("ann", "8", access_token="t", secret=None, **values)
        row = bed.store.find_connection(provider_id="acme", provider_user_id="8")
        assert row is not None
        assert (row.access_token, row.secret) == ("t", "")
    bed.restart(OLD, keeps=False)
    with bed.unit():
        bed.connected("ann", "9", access_token="t", secret="s", **values)
        row = bed.store.find_connection(provider_id="acme", provider_user_id="9")
        assert row is not None
        assert (row.access_token, row.secret) == ("", "")


def test_keys_may_be_of_any_kind(make: Callable[..., Bed]) -> None:
    def declare(base: Any) -> Models:
        class User(base):
            id = UUIDField(primary_key=True, default=uuid4)
            name = CharField(unique=True)

        class Connection(base, ConnectionMixin):
            key = UUIDField(primary_key=True, default=uuid4)
            user = ForeignKeyField(User, on_delete="CASCADE")

        return Models(User, Connection, None)

    bed = make(declare)
    with bed.unit():
        row = bed.connected("ann")
        ann = bed.find_user("ann")
        assert bed.store.find_connection(user_id=str(ann.id)) == row
        assert bed.store.find_connection(user_id="7") is None
        token = bed.store.read_token(row)
        assert token is not None
        assert token.key == row.key
        assert bed.store.swap_token(token, access_token="new") is not None
        other = bed.store.connection_model(user=ann, provider_id="acme", provider_user_id="8")
        bed.store.put(other)
        bed.store.commit()
        assert len(bed.store.stored_tokens()) == 2
        other.rank = 3
        assert bed.store.put(other) is other
        new = bed.store.connection_model.user.rel_model(name="bob")
        for end in (bed.store.rollback, bed.store.commit):
            bed.store.create_connection(
                user=new, provider_id="acme", provider_user_id="9", access_token="t"
            )
            end()
    with bed.unit():
        found = {row.provider_user_id: row.user for row in bed.store.find_connections()}
        assert found == {"7": ann, "8": ann, "9": new}


def by_account(base: Any) -> Models:
    """The account itself is the key."""

    class User(base):
        name = CharField(80, unique=True)

    class Connection(base):
        user = ForeignKeyField(User, backref="connections")
        provider_id = CharField()
        provider_user_id = CharField(column_name="subject")
        access_token = TextField(null=True)
        secret = TextField(null=True)
        expires_at = IntegerField(null=True)
        version = IntegerField(default=1)

        class Meta:
            primary_key = CompositeKey("provider_id", "provider_user_id")

    return Models(User, Connection, None)


def test_a_key_may_have_several_columns(make: Callable[..., Bed]) -> None:
    bed = make(by_account)
    bed.restart(OLD)
    bed.store.require_columns()
    accounts = [("acme", "7"), ("acme", "8"), ("plain", "1")]
    with bed.unit():
        for provider_id, subject in accounts:
            bed.connected("ann", subject, provider_id=provider_id, access_token=f"of {subject}")
        rows = bed.store.find_connections(user=bed.find_user("ann"))
        assert [row._pk for row in rows] == accounts
        token = bed.store.read_token(rows[1])
        assert token is not None
        assert (token.key, token.access_token, token.version) == (("acme", "8"), "of 8", 1)
        assert bed.store.swap_token(token, access_token="hush") is not None
        assert bed.store.swap_token(token, access_token="late") is None
        bed.store.update_connection(rows[2], secret="hush")
        bed.store.commit()
        found: list[Any] = []
        while batch := bed.store.stored_tokens(after=found[-1].key if found else None, limit=1):
            found += batch
        assert [each.key for each in found] == accounts
        assert [each.access_token for each in found] == ["of 7", "hush", "of 1"]
        assert [each.secret for each in found] == [None, None, "hush"]


def test_a_model_without_a_key_is_refused() -> None:
    base = beds.in_memory_base()

    class Connection(base, ConnectionMixin):  # type: ignore[misc,valid-type]
        user = ForeignKeyField(beds.shipped(base).user)

        class Meta:
            primary_key = False

    with pytest.raises(ConfigurationError, match="Connection has no primary key"):
        PeeweeConnectionDatastore(None, Connection).require_columns()


def dated(base: Any) -> Models:
    """A model whose time of expiry is a date, which is the application's own."""

    class User(base):
        name = CharField(80, unique=True)

    class Connection(base, ConnectionMixin):
        user = ForeignKeyField(User, backref="connections")
        expires_at = DateTimeField(null=True)  # type: ignore[assignment]

    return Models(User, Connection, None)


def test_a_date_of_the_applications_own_is_compared_with_no_seconds(
    postgres_database: str,
) -> None:
    for bed in beds.plain(beds.postgresql(postgres_database), dated):
        with bed.unit():
            bed.connected("ann", expires_at=7)
            assert bed.store.stored_tokens(expiring_before=9) == []
            assert [each.expires_at for each in bed.store.stored_tokens()] == [None]


def test_a_model_may_have_a_users_key_and_no_foreign_one(make: Callable[..., Bed]) -> None:
    def declare(base: Any) -> Models:
        class User(base):
            name = CharField(unique=True)

        class Connection(base):
            user_id = IntegerField()
            provider_id = CharField()
            provider_user_id = CharField(unique=True)
            access_token = TextField(null=True)
            created_at = DateTimeField(null=True)

            @property
            def user(self) -> Any:
                return User.get_or_none(id=self.user_id)

        return Models(User, Connection, None)

    bed = make(declare)
    with bed.unit():
        row = bed.connected("ann")
        ann = bed.find_user("ann")
        assert row.user == ann
        assert row.created_at is None, "a column of the application's own"
        assert bed.store.find_connections(user=ann) == [row]
        assert bed.store.find_connections(user_id=str(ann.id)) == [row]
        assert bed.store.find_connections(user=object()) == []
        bed.store.require_columns()


def test_what_does_not_fit_is_cut_or_dropped(make: Callable[..., Bed]) -> None:
    bed = make(beds.documented)
    with bed.unit():
        row = bed.connected("ann", display_name="n" * 300, profile_url="p" * 600)
        assert (row.display_name, row.profile_url) == ("n" * 255, None)


def test_an_operator_is_told_what_to_change(
    make: Callable[..., Bed], caplog: pytest.LogCaptureFixture
) -> None:
    bed = make(beds.documented)
    with caplog.at_level(logging.WARNING, "flask_social"):
        bed.store.require_columns()
    [record] = [each for each in caplog.records if each.name == "flask_social"]
    told = record.getMessage()
    assert "Connection.access_token holds 255 characters" in told
    assert 'add the index (("provider_id", "provider_user_id"), True)' in told
    caplog.clear()
    beds.shipped(beds.in_memory_base())
    for other in beds.in_memory():
        other.store.require_columns()
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_a_model_without_a_column_that_is_needed_is_refused() -> None:
    class Half(beds.in_memory_base()):  # type: ignore[misc]
        provider_id = CharField()

    with pytest.raises(ConfigurationError, match="Half has no user and no provider_user_id"):
        PeeweeConnectionDatastore(None, Half).require_columns()


def test_an_index_object_counts_as_the_unique_one() -> None:
    base = beds.in_memory_base()

    class User(base):  # type: ignore[misc,valid-type]
        pass

    class Connection(base):  # type: ignore[misc,valid-type]
        user = ForeignKeyField(User)
        provider_id = CharField()
        provider_user_id = CharField()
        access_token = TextField()

    store = PeeweeConnectionDatastore(None, Connection)
    assert any("add the index" in each for each in store._columns.advice())
    Connection.add_index(Connection.provider_id, Connection.provider_user_id, unique=True)
    store = PeeweeConnectionDatastore(None, Connection)
    assert store._columns.advice() == []


def test_a_table_with_a_schema_is_named_with_it() -> None:
    class Flow(beds.in_memory_base(), FlowMixin):  # type: ignore[misc]
        class Meta:
            schema = "social"

    assert PeeweeConnectionDatastore(None, Flow).table == "social.flow"


def test_an_error_of_the_database_quotes_no_value(postgres_database: str) -> None:
    for bed in beds.plain(beds.postgresql(postgres_database)):
        with bed.unit(), pytest.raises(IntegrityError) as caught:
            bed.store.create_connection(
                user=None, provider_id="acme", provider_user_id="7", access_token="hush"
            )
        error: Any = caught.value
        assert "hush" not in f"{error!r} {error.orig!r} {error.orig}"
        assert bed.store.trouble(error) is None
        assert "not-null" in bed.store.told(error)


def test_a_model_may_be_bound_to_its_database_later() -> None:
    class Base(Model):
        pass

    model = beds.shipped(Base).connection
    store = PeeweeConnectionDatastore(None, model)
    database = SqliteDatabase(":memory:")
    model.bind(database)
    assert store.database is database
