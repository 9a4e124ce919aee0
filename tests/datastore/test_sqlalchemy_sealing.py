"""Sealed tokens under SQLAlchemy: whatever an application does with its rows, they are open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import String, event, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import (
    Mapped,
    Session,
    defer,
    joinedload,
    load_only,
    mapped_column,
    undefer,
)

from flask_social.datastore.sealing import PREFIX
from flask_social.models.sqla_v1 import ConnectionMixin
from flask_social.values import Secret, Unreadable

from . import beds
from .beds import Bed, Models
from .sealing_contract import FOREIGN, NEW, OLD, require_open, tokens
from .test_sqlalchemy_models import owners
from .test_sqlalchemy_session import sent
from .token_contract import token_of

ACCOUNT = {"provider_id": "acme", "provider_user_id": "7"}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return beds.sqlite_file(tmp_path)
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def bed(url: str) -> Iterator[Bed]:
    for bed in beds.plain(url):
        bed.restart(OLD)
        with bed.unit():
            bed.connected("ann", **tokens(bed))
        yield bed


def session_of(bed: Bed) -> Session:
    session: Session = bed.store.session  # type: ignore[attr-defined]
    return session


def sealed(bed: Bed) -> bool:
    """Whether every token in the table is, and none shows."""
    values = [raw[name] for raw in bed.raw() for name in bed.tokens if raw[name] is not None]
    return "hush" not in repr(bed.raw()) and all(value.startswith(PREFIX) for value in values)


def test_a_row_is_open_however_a_query_comes_by_it(bed: Bed) -> None:
    model = bed.store.connection_model
    with bed.unit():
        [row] = bed.find_user("ann").connections
        require_open(bed, row)
    with bed.unit():
        require_open(bed, session_of(bed).get(model, row.id))
    with bed.unit():
        user = type(bed.find_user("ann"))
        query = select(user).options(joinedload(user.connections))
        [ann] = session_of(bed).scalars(query).unique()
        require_open(bed, ann.connections[0])
        session_of(bed).refresh(ann.connections[0])
        require_open(bed, ann.connections[0])
        session_of(bed).expire(ann.connections[0], ["access_token"])
        require_open(bed, ann.connections[0])


def test_a_token_that_is_loaded_late_is_opened_late(bed: Bed) -> None:
    model = bed.store.connection_model
    for option in (
        defer(model.access_token),
        load_only(model.access_token),
        load_only(model.display_name),
        undefer(model.secret),
    ):
        with bed.unit():
            require_open(bed, session_of(bed).scalars(select(model).options(option)).one())
    with bed.unit():
        rows = session_of(bed).scalars(select(model).options(defer(model.secret)))
        row = rows.one()
        row.display_name = "Ann"
        session_of(bed).commit()
        require_open(bed, row)
    assert sealed(bed)


def test_looking_at_a_row_makes_no_work(bed: Bed) -> None:
    with bed.unit(), sent(bed) as statements:
        [row] = bed.store.find_connections()
        require_open(bed, row)
        assert not session_of(bed).dirty
        assert bed.store.is_idle()
        session_of(bed).commit()
    assert len(statements) == 1


def test_a_column_that_is_asked_for_alone_is_as_it_is_stored(bed: Bed) -> None:
    model = bed.store.connection_model
    with bed.unit():
        stored = session_of(bed).scalars(select(model.access_token)).one()
        assert stored == bed.raw()[0]["access_token"]
        assert repr(stored) == "<secret>"


def test_a_row_that_was_refused_is_open_and_can_be_tried_again(bed: Bed) -> None:
    model = bed.store.connection_model
    with bed.unit():
        ann = bed.find_user("ann")
        row = model(user=ann, **ACCOUNT, **tokens(bed))
        session_of(bed).add(row)
        with pytest.raises(IntegrityError):
            session_of(bed).flush()
        session_of(bed).rollback()
        require_open(bed, row)
        row.provider_user_id = "8"
        session_of(bed).add(row)
        session_of(bed).commit()
        require_open(bed, row)
    assert sealed(bed)
    with bed.unit():
        for row in bed.store.find_connections():
            require_open(bed, row)


def test_a_row_whose_savepoint_was_undone_is_open_too(bed: Bed) -> None:
    model = bed.store.connection_model
    with bed.unit():
        [row] = bed.store.find_connections()
        row.access_token = "hush-hush"
        with pytest.raises(IntegrityError), session_of(bed).begin_nested():
            session_of(bed).execute(insert(model).values(user_id=row.user_id, **ACCOUNT))
        assert row.access_token == "hush-hush"
        new = model(user_id=row.user_id, provider_id="acme", provider_user_id="8", secret="hush")
        savepoint = session_of(bed).begin_nested()
        session_of(bed).add(new)
        session_of(bed).flush()
        savepoint.rollback()
        assert new.secret == "hush"
        session_of(bed).commit()
        assert row.access_token == "hush-hush"
    assert sealed(bed)
    assert len(bed.raw()) == 1


def test_an_update_that_failed_leaves_the_row_open(bed: Bed) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        row.access_token = "hush-hush"
        row.email_verified = None
        with pytest.raises(IntegrityError):
            session_of(bed).flush()
        session_of(bed).rollback()
        require_open(bed, row)


def test_an_error_in_between_shows_no_envelope_in_memory(bed: Bed) -> None:
    model = bed.store.connection_model

    def break_off(*_: Any) -> None:
        raise RuntimeError("the application's own")

    with bed.unit():
        row = model(user=bed.find_user("ann"), provider_id="acme", provider_user_id="8", secret="s")
        session_of(bed).add(row)
        event.listen(model, "before_insert", break_off)
        try:
            with pytest.raises(RuntimeError, match="own"):
                session_of(bed).flush()
        finally:
            event.remove(model, "before_insert", break_off)
        session_of(bed).rollback()
        assert row.secret == "s"


def test_statements_past_the_rows_store_plainly_and_the_next_write_seals(bed: Bed) -> None:
    model = bed.store.connection_model
    with bed.unit():
        key = bed.find_user("ann").id
        row = {"user_id": key, "provider_id": "acme", "access_token": "hush"}
        session_of(bed).execute(insert(model), [{**row, "provider_user_id": "8"}])
        session_of(bed).bulk_save_objects([model(**row, provider_user_id="9")])
        session_of(bed).execute(update(model).values(secret="hush secret"))
        session_of(bed).commit()
    assert not sealed(bed)
    with bed.unit():
        for each in bed.store.find_connections():
            assert each.secret == "hush secret"
            each.display_name = "Ann"
        session_of(bed).commit()
    assert sealed(bed)
    with bed.unit():
        for each in bed.store.find_connections():
            assert each.secret == "hush secret"


@pytest.mark.parametrize("keys", [(), (OLD,)], ids=["plain", "older key"])
@pytest.mark.parametrize("by", ["the application", "the store"])
def test_sealing_what_was_there_does_not_bring_back_a_token_that_was_refreshed(
    bed: Bed, keys: tuple[str, ...], by: str
) -> None:
    bed.restart(*keys)
    with bed.unit():
        [row] = bed.store.find_connections()
        for name, value in tokens(bed).items():
            setattr(row, name, f"{value} 1")
        session_of(bed).commit()
    bed.restart(NEW, OLD)
    new = {"access_token": "hush 2", "refresh_token": "hush r2"}
    with bed.unit():
        [row] = bed.store.find_connections()
        assert row.access_token == f"{tokens(bed)['access_token']} 1"
        session_of(bed).expunge(row)
        session_of(bed).rollback()
        token = bed.store.read_token(row)
        assert token is not None
        assert bed.store.swap_token(token, **new)
        session_of(bed).add(row)
        if by == "the store":
            bed.store.update_connection(row, display_name="Ann")
        row.full_name = "Ann Other"
        session_of(bed).commit()
    assert sealed(bed)
    with bed.unit():
        [row] = bed.store.find_connections()
        assert row.full_name == "Ann Other"
        assert {name: getattr(row, name) for name in new} == new
        assert row.secret == f"{tokens(bed)['secret']} 1"


@pytest.mark.parametrize("load", [True, False])
def test_a_row_can_be_merged_into_another_session(bed: Bed, load: bool) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        session_of(bed).expunge(row)
    with bed.unit():
        merged = session_of(bed).merge(row, load=load)
        require_open(bed, merged)
        merged.secret = "hush-hush"
        session_of(bed).commit()
        assert merged.access_token == "hush access_token"
    assert sealed(bed)
    with bed.unit():
        [row] = bed.store.find_connections()
        assert (row.access_token, row.secret) == ("hush access_token", "hush-hush")


def test_a_row_that_was_detached_can_be_changed_and_put_back(bed: Bed) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        session_of(bed).expunge(row)
        row.secret = "hush-hush"
    with bed.unit():
        session_of(bed).add(row)
        session_of(bed).commit()
    assert sealed(bed)
    with bed.unit():
        [row] = bed.store.find_connections()
        assert (row.access_token, row.secret) == ("hush access_token", "hush-hush")


def test_a_session_that_expires_nothing_keeps_open_rows(bed: Bed) -> None:
    with Session(bed.engine, expire_on_commit=False) as session:
        row = session.scalars(select(bed.store.connection_model)).one()
        for token in ("hush-hush", "hush-hush-hush"):
            row.access_token = token
            session.commit()
            assert row.access_token == token
            assert repr(row.access_token) == "<secret>"
            assert sealed(bed)
        assert not session.dirty


def test_a_reading_afresh_opens_what_others_wrote(bed: Bed) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        swapped = bed.store.swap_token(token_of(bed, row), access_token="hush-hush")
        assert swapped is not None
        session_of(bed).refresh(row)
        assert row.access_token == "hush-hush"
        bed.store.show_token(row, swapped)
        assert bed.store.find_newest(**ACCOUNT) == row
        assert row.access_token == "hush-hush"


def test_what_is_shown_takes_no_query_and_is_no_work(bed: Bed) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        swapped = bed.store.swap_token(token_of(bed, row), access_token="hush-hush", expires_at=9)
        assert swapped is not None
        with sent(bed) as statements:
            bed.store.show_token(row, swapped)
            assert (row.access_token, row.expires_at, row.version) == ("hush-hush", 9, 2)
            assert bed.store.is_idle()
            session_of(bed).flush()
        assert statements == []


def test_a_model_has_one_set_of_hooks_however_many_stores_it_has_had(bed: Bed) -> None:
    model = bed.store.connection_model

    def hooks() -> int:
        mapper = inspect(model)
        events = [mapper.class_manager.dispatch.load, mapper.dispatch.before_update]
        return sum(len(list(each)) for each in events)

    before = hooks()
    for _ in range(5):
        bed.restart(NEW, OLD)
    assert hooks() == before
    with bed.unit():
        [row] = bed.store.find_connections()
        row.secret = "hush-hush"
        session_of(bed).commit()
    assert bed.raw()[0]["secret"].startswith(f"{PREFIX}b:")


def test_a_row_that_is_given_to_another_account_is_sealed_for_it(bed: Bed) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        row.provider_user_id = "a new subject"
        session_of(bed).commit()
        require_open(bed, row)
    with bed.unit():
        require_open(bed, bed.store.find_connections()[0])
    with bed.unit():
        model = bed.store.connection_model
        rows = session_of(bed).scalars(select(model).options(defer(model.secret)))
        row = rows.one()
        row.provider_user_id = "a newer subject"
        assert row.secret == "hush secret"
        session_of(bed).commit()
    with bed.unit():
        require_open(bed, bed.store.find_connections()[0])


@pytest.mark.parametrize("read", ["not at all", "before the flush"])
def test_a_row_that_was_expired_when_it_was_given_to_another_account_keeps_its_tokens(
    bed: Bed, read: str
) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        session_of(bed).commit()
        row.provider_user_id = "a new subject"
        if read == "before the flush":
            require_open(bed, row)
        session_of(bed).commit()
        require_open(bed, row)
    assert sealed(bed)


def test_tokens_that_are_not_loaded_go_along_to_another_account(bed: Bed) -> None:
    model = bed.store.connection_model
    with bed.unit():
        row = session_of(bed).scalars(select(model).options(load_only(model.rank))).one()
        row.provider_user_id = "a new subject"
        session_of(bed).commit()
    assert sealed(bed)
    with bed.unit():
        require_open(bed, bed.store.find_connections()[0])


def test_a_swap_loses_to_what_the_application_wrote_itself(bed: Bed) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        token = token_of(bed, row)
        row.access_token = "hush-hush"
        session_of(bed).commit()
        assert bed.store.swap_token(token, access_token="of the refresh") is None
        row.display_name = "Ann"
        session_of(bed).commit()
        assert row.version == 2


def test_an_unreadable_token_that_is_assigned_changes_nothing(bed: Bed) -> None:
    before = bed.raw()
    with bed.unit():
        [row] = bed.store.find_connections()
        row.access_token = Unreadable()
        session_of(bed).commit()
        assert row.access_token == "hush access_token"
    assert bed.raw() == before


def test_a_token_taken_away_is_taken_away(bed: Bed) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        row.access_token = None
        session_of(bed).commit()
        assert row.access_token is None
        row.access_token = "hush-hush"
        session_of(bed).commit()
    assert sealed(bed)
    bed.restart(FOREIGN)
    with bed.unit():
        [row] = bed.store.find_connections()
        assert isinstance(row.access_token, Unreadable)
        row.access_token = None
        session_of(bed).commit()
        assert row.access_token is None
    assert bed.raw()[0]["access_token"] is None


def test_no_token_shows_in_what_a_row_keeps(bed: Bed) -> None:
    with bed.unit():
        [row] = bed.store.find_connections()
        assert "hush" not in repr(vars(row))
        assert "hush" not in repr(inspect(row).info)


def test_a_model_that_names_its_column_otherwise_is_sealed(url: str) -> None:
    for bed in beds.plain(url, owners):
        bed.restart(OLD)
        with bed.unit():
            row = bed.connected("ann", access_token="hush")
            assert row.token == "hush"
            after = bed.store.swap_token(token_of(bed, row), access_token="hush-hush")
            assert after is not None
            bed.store.show_token(row, after)
            assert row.access_token == "hush-hush"
        [raw] = bed.raw()
        assert raw["token"].startswith(PREFIX)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert isinstance(row.token, Secret)
            assert row.access_token == "hush-hush"


def kinds(base: Any) -> Models:
    """Connections of several kinds in one table."""

    class User(base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(80), unique=True)

    class Connection(base, ConnectionMixin):
        __tablename__ = "connection"
        __mapper_args__: ClassVar[dict[str, str]] = {
            "polymorphic_on": "kind",
            "polymorphic_identity": "usual",
        }
        kind: Mapped[str] = mapped_column(String(8))

    class WorkConnection(Connection):
        __mapper_args__: ClassVar[dict[str, str]] = {"polymorphic_identity": "work"}

    return Models(User, Connection, None)


def test_a_row_of_a_subclass_is_sealed(url: str) -> None:
    for bed in beds.plain(url, kinds):
        bed.restart(OLD)
        [work] = bed.store.connection_model.__subclasses__()
        with bed.unit():
            session_of(bed).add(work(user=bed.find_user("ann"), **ACCOUNT, **tokens(bed)))
            session_of(bed).commit()
        assert sealed(bed)
        with bed.unit():
            [row] = bed.store.find_connections()
            assert type(row) is work
            require_open(bed, row)
            after = bed.store.swap_token(token_of(bed, row), access_token="hush-hush")
            assert after is not None
            assert sealed(bed)
