"""The SQLAlchemy store's own transactions: which connection they take, and what they wait for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Delete, ForeignKey, String, Update, create_engine, event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from flask_social.datastore.sqlalchemy import SQLAlchemyConnectionDatastore, rows
from flask_social.datastore.trouble import Trouble
from flask_social.errors import ConfigurationError

from . import beds
from .beds import Bed, Models
from .sealing_contract import OLD, require_open, tokens
from .test_sqlalchemy_session import sent
from .token_contract import subject_of, token_of


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return beds.sqlite_file(tmp_path)
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def bed(url: str) -> Iterator[Bed]:
    yield from beds.plain(url)


@pytest.fixture
def postgres_bed(postgres_database: str) -> Iterator[Bed]:
    yield from beds.plain(postgres_database)


@pytest.fixture
def memory_bed() -> Iterator[Bed]:
    """A database in memory, whose one connection everybody shares."""
    yield from beds.flask_sqlalchemy("sqlite://")


def session_of(bed: Bed) -> Session:
    session: Session = bed.store.session  # type: ignore[attr-defined]
    return session


def test_a_swap_takes_one_update_and_one_reading(bed: Bed) -> None:
    with bed.unit():
        token = token_of(bed, bed.connected("ann"))
        with sent(bed) as statements:
            assert bed.store.swap_token(token, access_token="new") is not None
    words = [statement.split()[0] for statement in statements]
    assert [word for word in words if word != "SET"] == ["UPDATE", "SELECT"]


def test_one_connection_at_a_time_serves_whoever_only_read(bed: Bed) -> None:
    assert bed.engine is not None
    with bed.unit():
        bed.connected("ann")
    with bed.unit():
        most, now = [0], [0]

        def out(*_: Any) -> None:
            now[0] += 1
            most[0] = max(most[0], now[0])

        def back(*_: Any) -> None:
            now[0] -= 1

        event.listen(bed.engine, "checkout", out)
        event.listen(bed.engine, "checkin", back)
        [row] = bed.store.find_connections()
        token = token_of(bed, row)
        assert bed.store.swap_token(token, access_token="new") is not None
        assert bed.store.stored_tokens()
        assert most == [1]


def test_a_lock_that_the_application_itself_holds_is_not_waited_for_long(
    postgres_bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = postgres_bed
    monkeypatch.setattr(rows, "PATIENCE", 1)
    with bed.unit():
        row = bed.connected("ann")
        token = token_of(bed, row)
        bed.store.update_connection(row, access_token="pending")
        with pytest.raises(DBAPIError) as caught:
            bed.store.swap_token(token, access_token="new")
        assert bed.store.trouble(caught.value) is Trouble.AWAY
        assert "lock timeout" in bed.store.told(caught.value)
        bed.store.commit()
        assert token_of(bed, row).access_token == "pending"
        assert session_of(bed).scalar(text("SHOW lock_timeout")) == "0"


def test_in_memory_a_swap_joins_what_is_pending(memory_bed: Bed) -> None:
    bed = memory_bed
    with bed.unit():
        row = bed.connected("ann")
        bob = bed.connected("bob", "8")
        token = token_of(bed, row)
        bed.store.update_connection(bob, access_token="pending")
        assert bed.store.swap_token(token, access_token="new") is not None
        bed.store.rollback()
    with bed.unit():
        assert {row.access_token for row in bed.store.find_connections()} == {"token"}
        bed.store.update_connection(bob := bed.store.find_connections()[1], access_token="kept")
        assert bob.provider_user_id == "8"
        assert bed.store.swap_token(token, access_token="new") is not None
        bed.store.commit()
    with bed.unit():
        assert {row.access_token for row in bed.store.find_connections()} == {"new", "kept"}


def test_in_memory_a_swap_of_whoever_did_nothing_is_committed(memory_bed: Bed) -> None:
    bed = memory_bed
    with bed.unit():
        row = bed.connected("ann")
        assert bed.store.swap_token(token_of(bed, row), access_token="new") is not None
        bed.store.rollback()
        assert row.access_token == "new"


def test_a_session_that_is_bound_to_a_connection_is_left_on_it(bed: Bed) -> None:
    """As applications do in their tests: everything is rolled back at the end."""
    assert bed.engine is not None
    with bed.unit():
        bed.find_user("ann")
    with bed.engine.connect() as connection, connection.begin() as outer:
        if bed.one_writer:
            connection.exec_driver_sql("BEGIN")
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            store = SQLAlchemyConnectionDatastore(session, bed.store.connection_model)
            ann = session.scalars(select(type(bed.find_user("ann")))).one()
            row = store.create_connection(
                user=ann, provider_id="acme", provider_user_id="7", access_token="t"
            )
            store.commit()
            token = store.read_token(row)
            assert token is not None
            after = store.swap_token(token, access_token="new")
            assert after is not None
            session.expire_all()
            assert row.access_token == "new"
        outer.rollback()
    assert bed.raw() == []


def test_a_block_that_begins_the_session_is_left_open(bed: Bed, memory_bed: Bed) -> None:
    for each in (bed, memory_bed):
        with each.unit():
            each.connected("ann")
        with each.unit():
            with session_of(each).begin():
                [row] = each.store.find_connections()
                each.store.release()
                assert each.store.swap_token(token_of(each, row), access_token="new") is not None
                row.display_name = "Ann"
            [raw] = each.raw()
        assert (raw["access_token"], raw["display_name"]) == ("new", "Ann")


def test_no_token_shows_in_the_statement_that_compares_it(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for bed in beds.plain(url, beds.documented):
        with bed.unit():
            token = token_of(bed, bed.connected("ann", access_token="hush"))
            with caplog.at_level("INFO", "sqlalchemy.engine.Engine"):
                assert bed.store.swap_token(token, access_token="hush-hush") is not None
    assert "UPDATE connection" in caplog.text
    assert "hush" not in caplog.text


def test_a_session_that_queries_a_replica_is_asked_for_the_primary(
    bed: Bed, tmp_path: Path
) -> None:
    assert bed.engine is not None
    primary, replica = bed.engine, create_engine(f"sqlite:///{tmp_path}/replica.db")

    class Routing(Session):
        """As SQLAlchemy's documentation has it."""

        def get_bind(self, mapper: Any = None, *, clause: Any = None, **more: Any) -> Any:
            return primary if self._flushing or isinstance(clause, Update | Delete) else replica

    with bed.unit():
        row = bed.connected("ann", access_token="hush")
        with Routing() as session:
            store = SQLAlchemyConnectionDatastore(session, bed.store.connection_model)
            token = store.read_token(row)
            assert token is not None
            assert token.access_token == "hush"
            assert store.swap_token(token, access_token="hush-hush") is not None
    assert bed.raw()[0]["access_token"] == "hush-hush"


def test_a_row_that_is_not_written_yet_has_no_token(bed: Bed) -> None:
    model = bed.store.connection_model
    assert bed.store.read_token(model(provider_id="acme", provider_user_id="7")) is None


def test_a_key_may_come_as_text(bed: Bed) -> None:
    with bed.unit():
        for subject in "123":
            bed.connected("ann", subject)
        first, *_ = bed.store.stored_tokens()
        rest = bed.store.stored_tokens(after=str(first.key))
        assert [subject_of(token) for token in rest] == ["2", "3"]


def test_two_updates_count_as_two_whatever_they_had_read(bed: Bed) -> None:
    assert bed.engine is not None
    with bed.unit():
        bed.connected("ann")
    with bed.unit(), Session(bed.engine) as other:
        [row] = bed.store.find_connections()
        [same] = other.scalars(select(bed.store.connection_model))
        assert (row.version, same.version) == (1, 1)
        other.rollback()
        bed.store.update_connection(row, rank=1)
        bed.store.update_connection(row, rank=2)
        bed.store.commit()
        store = SQLAlchemyConnectionDatastore(other, bed.store.connection_model)
        store.update_connection(same, rank=3)
        store.commit()
        assert same.version == 4


def pairs(base: Any) -> Models:
    """The account is the primary key."""

    class User(base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(80), unique=True)

    class Connection(base):
        __tablename__ = "connection"
        provider_id: Mapped[str] = mapped_column(String(64), primary_key=True)
        provider_user_id: Mapped[str] = mapped_column(String(255), primary_key=True)
        user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
        user = relationship("User")
        access_token: Mapped[str | None]
        secret: Mapped[str | None]
        version: Mapped[int | None]

    return Models(User, Connection, None)


def test_a_key_of_several_parts_is_as_good(url: str) -> None:
    for bed in beds.plain(url, pairs):
        bed.restart(OLD)
        with bed.unit():
            for provider, subject in ("acme", "1"), ("acme", "2"), ("other", "0"):
                bed.connected("ann", subject, provider_id=provider, **tokens(bed))
            first, second, third = bed.store.stored_tokens()
            assert (first.key, first.version) == (("acme", "1"), None)
            assert bed.store.stored_tokens(after=first.key) == [second, third]
            after = bed.store.swap_token(first, secret=None)
            assert after is not None
            assert (after.secret, after.version) == (None, 1)
            assert bed.store.swap_token(first, secret=None) is None
            row = bed.store.find_connection(provider_id="acme", provider_user_id="2")
            require_open(bed, row)
            assert token_of(bed, row) == second


def computing(base: Any) -> Models:
    """An application that has its own way with a token."""
    models = beds.documented(base)
    documented: Any = models.connection

    class Connection(documented):
        @property
        def id_token(self) -> str | None:
            return None

    return Models(models.user, Connection, None)


def test_a_token_that_is_no_column_is_told_at_the_start_and_not_lost_silently(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for bed in beds.plain(url, computing):
        bed.store.require_columns()
        assert "Connection.id_token is no column" in caplog.text
        with bed.unit():
            model = bed.store.connection_model
            row = model(user=bed.find_user("ann"), provider_id="acme", provider_user_id="7")
            session_of(bed).add(row)
            session_of(bed).commit()
            with pytest.raises(ConfigurationError, match="id_token is no column"):
                bed.store.read_token(row)
