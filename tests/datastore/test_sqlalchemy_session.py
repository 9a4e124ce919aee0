"""The SQLAlchemy store in the application's session: what it sends, keeps and leaves alone."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import IntegrityError

from flask_social.datastore.base import AlreadyConnected, Conflict
from flask_social.datastore.sqlalchemy.transaction import only_reads

from . import beds
from .beds import Bed

ACCOUNT = {"provider_id": "acme", "provider_user_id": "7"}
TOKEN = "hush-hush"


@pytest.fixture(params=["sqlite", "postgresql"])
def bed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bed]:
    if request.param == "sqlite":
        yield from beds.plain(beds.sqlite_file(tmp_path))
    else:
        yield from beds.plain(request.getfixturevalue("postgres_database"))


@contextmanager
def sent(bed: Bed) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(bed.engine, "before_cursor_execute", note)
    yield statements
    event.remove(bed.engine, "before_cursor_execute", note)


def test_a_connection_and_its_user_take_one_query(bed: Bed) -> None:
    with bed.unit():
        bed.connected("ann")
    with bed.unit(), sent(bed) as statements:
        row = bed.store.find_connection(**ACCOUNT)
        assert row is not None
        assert row.user.name == "ann"
        assert len(statements) == 1


def test_an_update_takes_one_statement_of_what_changed(bed: Bed) -> None:
    with bed.unit():
        row = bed.connected("ann", secret="s", rank=1)
        assert row.rank == 1
        with sent(bed) as statements:
            bed.store.update_connection(row, secret="s", rank=2)
            bed.store.commit()
    [statement] = statements
    assert statement.startswith("UPDATE")
    assert "rank" in statement
    assert "secret" not in statement


def test_a_savepoint_that_comes_first_does_not_commit(bed: Bed) -> None:
    with bed.unit():
        key = bed.find_user("ann").id
    with bed.unit():
        bed.store.create_connection(user_id=key, access_token="t", **ACCOUNT)
        bed.store.rollback()
        assert bed.store.find_connection(**ACCOUNT) is None


def test_a_refusal_leaves_the_user_and_the_session_in_order(bed: Bed) -> None:
    with bed.unit():
        bed.connected("ann")
        bob = bed.find_user("bob")
        with pytest.raises(AlreadyConnected):
            bed.store.create_connection(user=bob, access_token="t", **ACCOUNT)
        assert bob.connections == []
        bob.name = "robert"
        bed.store.commit()
        assert [row.user.name for row in bed.store.find_connections()] == ["ann"]
        assert bob.name == "robert"


def test_another_broken_constraint_is_not_an_account_that_is_taken(bed: Bed) -> None:
    with bed.unit():
        bed.find_user("ann")
        with pytest.raises(IntegrityError) as caught:
            bed.store.create_connection(access_token=TOKEN, secret=TOKEN, **ACCOUNT)
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.orig)
        assert "user_id" in shown
        assert TOKEN not in shown
        bed.store.rollback()


def test_the_applications_own_mistake_is_not_taken_for_ours(bed: Bed) -> None:
    with bed.unit():
        ann = bed.connected("ann").user
        bed.store.put(type(ann)(name="ann"))
        another = {**ACCOUNT, "provider_user_id": "another"}
        with pytest.raises(Conflict, match="name"):
            bed.store.create_connection(user=ann, access_token="t", **another)
        kept = [row.provider_user_id for row in bed.store.find_connections()]
        assert kept == [ACCOUNT["provider_user_id"]], "what was committed before is all there is"


def test_no_token_shows_when_a_commit_fails(bed: Bed) -> None:
    with bed.unit():
        row = bed.connected("ann", access_token=TOKEN)
        bed.store.update_connection(row, refresh_token=TOKEN)
        row.email_verified = None
        with pytest.raises(IntegrityError) as caught:
            bed.store.commit()
        shown = "".join(traceback.format_exception(caught.value))
        assert "email_verified" in shown
        assert TOKEN not in shown
        bed.store.rollback()


def test_a_release_ends_a_transaction_that_only_read(bed: Bed) -> None:
    with bed.unit():
        bed.connected("ann")
    with bed.unit():
        session = bed.store.session  # type: ignore[attr-defined]
        ann = bed.find_user("ann")
        ann.name = "ann"
        bed.store.find_connections(user=ann)
        assert session.in_transaction()
        bed.store.release()
        assert not session.in_transaction()
        bed.store.release()
        assert ann.name == "ann"
        assert ann in session


def _put(bed: Bed) -> None:
    bed.store.put(type(bed.find_user("ann"))(name="carl"))


def _put_and_flush(bed: Bed) -> None:
    _put(bed)
    bed.store.session.flush()  # type: ignore[attr-defined]


def _insert(bed: Bed) -> None:
    session = bed.store.session  # type: ignore[attr-defined]
    session.execute(insert(type(bed.find_user("ann"))).values(name="carl"))


def _text(bed: Bed) -> None:
    session = bed.store.session  # type: ignore[attr-defined]
    session.execute(text("INSERT INTO \"user\" (name) VALUES ('carl')"))


def _by_connection(bed: Bed) -> None:
    session = bed.store.session  # type: ignore[attr-defined]
    session.connection().execute(text("INSERT INTO \"user\" (name) VALUES ('carl')"))


@pytest.mark.parametrize("write", [_put, _put_and_flush, _insert, _text, _by_connection])
def test_a_release_keeps_work_of_every_kind(bed: Bed, write: Callable[[Bed], None]) -> None:
    with bed.unit():
        bed.find_user("ann")
    with bed.unit():
        write(bed)
        bed.store.release()
        bed.store.commit()
    with bed.unit():
        session = bed.store.session  # type: ignore[attr-defined]
        names = session.scalars(text('SELECT name FROM "user" ORDER BY name')).all()
        assert names == ["ann", "carl"]


def test_a_release_does_not_commit_either(bed: Bed) -> None:
    with bed.unit():
        bed.find_user("ann")
        _put_and_flush(bed)
        bed.store.release()
        bed.store.rollback()
    with bed.unit():
        session = bed.store.session  # type: ignore[attr-defined]
        assert session.scalars(text('SELECT name FROM "user"')).all() == ["ann"]


def test_a_release_gives_no_lock_away(bed: Bed) -> None:
    with bed.unit():
        bed.connected("ann")
    with bed.unit():
        session = bed.store.session  # type: ignore[attr-defined]
        bed.store.lock_connections(bed.find_user("ann"))
        bed.store.release()
        assert session.in_transaction()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM users FOR UPDATE",
        "SELECT 1 FROM users\nLOCK IN SHARE MODE",
        "WITH gone AS (DELETE FROM users RETURNING id) SELECT id FROM gone",
        "SELECT id INTO copies FROM users",
        "SAVEPOINT one",
        "SET LOCAL statement_timeout = 1",
    ],
)
def test_a_statement_that_does_more_than_read_is_known(statement: str) -> None:
    assert not only_reads(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT updated_at, is_shared FROM users",
        "\n  select 1",
        "WITH some AS (SELECT 1) SELECT * FROM some",
    ],
)
def test_a_statement_that_only_reads_is_known(statement: str) -> None:
    assert only_reads(statement)


def test_no_select_of_sqlite_does_more_whatever_names_are_in_it() -> None:
    assert only_reads("SELECT price FROM share", "sqlite")
    assert not only_reads("SELECT price FROM share FOR SHARE", "postgresql")
    assert not only_reads("WITH one AS (SELECT 1) INSERT INTO share SELECT * FROM one", "sqlite")


def test_a_release_leaves_a_savepoint_of_the_application_alone(bed: Bed) -> None:
    with bed.unit():
        session = bed.store.session  # type: ignore[attr-defined]
        bed.find_user("ann")
        with session.begin_nested():
            bed.store.release()
            assert session.in_nested_transaction()


def test_a_transaction_after_one_that_wrote_can_be_released(bed: Bed) -> None:
    with bed.unit():
        session = bed.store.session  # type: ignore[attr-defined]
        bed.connected("ann")
        bed.store.find_connections()
        bed.store.release()
        assert not session.in_transaction()
