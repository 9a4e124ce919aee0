"""What is pending in Peewee, which commits by itself: the store's transaction and others."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from peewee import IntegrityError, OperationalError

from flask_social import clock
from flask_social.datastore.base import AlreadyConnected, Conflict
from flask_social.datastore.peewee.ledger import PeeweeLedger
from flask_social.datastore.peewee.transaction import has_one_connection
from flask_social.datastore.trouble import Trouble
from flask_social.errors import StoreUnavailable

from . import peewee_beds as beds
from .beds import Bed

ACCOUNT = {"provider_id": "acme", "provider_user_id": "7"}


@pytest.fixture(params=["sqlite", "postgresql"])
def bed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bed]:
    if request.param == "sqlite":
        yield from beds.plain(beds.sqlite_file(tmp_path))
    else:
        yield from beds.plain(beds.postgresql(request.getfixturevalue("postgres_database")))


@pytest.fixture
def store(bed: Bed) -> Any:
    return bed.store


@pytest.fixture
def user_model(store: Any) -> Any:
    return store.connection_model.user.rel_model


def names(bed: Bed) -> list[str]:
    """The users that a connection of its own sees."""
    model: Any = bed.store.connection_model.user.rel_model
    with bed.unit():
        return sorted(user.name for user in model.select())


def subjects(bed: Bed) -> list[str]:
    """The accounts that are connected, as others see it."""
    return [row["provider_user_id"] for row in bed.raw()]


# The store's own transaction.


def test_what_the_application_writes_after_the_store_is_part_of_the_outcome(
    bed: Bed, store: Any, user_model: Any
) -> None:
    for end, expected in (("rollback", ["ann"]), ("commit", ["ann", "bob"])):
        with bed.unit():
            ann = bed.find_user("ann")
            store.create_connection(user=ann, access_token="t", **ACCOUNT)
            user_model.create(name="bob")
            getattr(store, end)()
        assert names(bed) == expected


def test_what_the_application_writes_after_begin_is_part_of_the_outcome(
    bed: Bed, store: Any, user_model: Any
) -> None:
    with bed.unit():
        assert store.is_idle()
        store.begin()
        store.begin()
        user_model.create(name="ann")
        store.rollback()
    assert names(bed) == []
    with bed.unit():
        store.begin()
        user_model.create(name="ann")
        store.release()  # of the application's alone, which Peewee would have committed
        assert not store.database.in_transaction()
        store.rollback()
    assert names(bed) == ["ann"]


def test_a_block_of_the_application_inside_is_a_savepoint(
    bed: Bed, store: Any, user_model: Any
) -> None:
    with bed.unit():
        store.create_connection(user=bed.find_user("ann"), access_token="t", **ACCOUNT)
        with store.database.atomic() as block:
            user_model.create(name="bob")
            block.rollback()
        with store.database.atomic():
            user_model.create(name="eve")
        store.commit()
    assert (names(bed), subjects(bed)) == (["ann", "eve"], ["7"])


def test_a_connection_is_not_closed_over_what_is_pending_until_it_is_abandoned(
    bed: Bed, store: Any
) -> None:
    with bed.unit():
        store.create_connection(user=bed.find_user("ann"), access_token="t", **ACCOUNT)
        with pytest.raises(OperationalError, match="transaction is open"):
            store.database.close()
        store.abandon()
        store.abandon()
        assert not store.database.in_transaction()
    assert subjects(bed) == []


def test_a_transaction_that_went_with_its_connection_is_not_ended_in_the_next(
    bed: Bed, store: Any
) -> None:
    database = store.database
    database.connect()
    store.create_connection(user=bed.find_user("ann"), access_token="t", **ACCOUNT)
    database.connection().close()
    database._state.reset()
    database.connect()
    assert store.is_idle()
    store.commit()
    store.rollback()
    assert store.find_connections() == []
    bed.connected("ann")
    database.close()
    assert subjects(bed) == ["7"]


def test_rows_in_memory_are_as_before_after_a_rollback(bed: Bed, store: Any) -> None:
    with bed.unit():
        row = bed.connected("ann", secret="s")
        store.update_connection(row, access_token="new", secret=None, display_name="Ann")
        store.update_connection(row, access_token="newer")
        assert (row.access_token, row.secret, row.version) == ("newer", None, 3)
        store.rollback()
        assert (row.access_token, row.secret, row.version) == ("token", "s", 1)
        assert row.display_name is None


# One of the application's around it.


def test_a_transaction_of_the_application_decides_about_what_the_store_committed(
    bed: Bed, store: Any
) -> None:
    with bed.unit():
        bed.find_user("ann")
    with bed.unit():
        with store.database.atomic() as block:
            bed.connected("ann")
            block.rollback()
        assert store.find_connections() == []
        with store.database.atomic():
            bed.connected("ann")
        assert not store.database.in_transaction()
    assert subjects(bed) == ["7"]


def test_a_rollback_of_the_store_leaves_the_application_its_own(
    bed: Bed, store: Any, user_model: Any
) -> None:
    with bed.unit():
        with store.database.atomic():
            ann = user_model.create(name="ann")
            assert not store.is_idle()
            store.release()
            store.create_connection(user=ann, access_token="t", **ACCOUNT)
            store.rollback()
            assert not store.is_idle()
            user_model.create(name="bob")
        assert store.is_idle()
    assert (names(bed), subjects(bed)) == (["ann", "bob"], [])


def test_an_account_that_is_taken_ends_no_transaction_of_the_application(
    bed: Bed, store: Any, user_model: Any
) -> None:
    with bed.unit():
        bed.connected("ann")
    with bed.unit(), store.database.atomic():
        eve = user_model.create(name="eve")
        with pytest.raises(AlreadyConnected):
            store.create_connection(user=eve, access_token="t", **ACCOUNT)
        store.commit()
    assert names(bed) == ["ann", "eve"]


def test_an_outcome_that_nobody_ended_is_the_blocks_own(bed: Bed, store: Any) -> None:
    with bed.unit():
        with store.database.atomic():
            store.create_connection(user=bed.find_user("ann"), access_token="t", **ACCOUNT)
        with store.database.atomic():
            store.rollback()  # of nothing: that savepoint went with its transaction
            bed.connected("ann", "8")
    assert subjects(bed) == ["7", "8"]


def test_connections_are_held_in_a_transaction_of_the_application(bed: Bed, store: Any) -> None:
    with bed.unit():
        row = bed.connected("ann")
        with store.database.atomic():
            assert store.lock_connections(bed.find_user("ann")) == [row]
            if bed.one_writer:
                with pytest.raises(StoreUnavailable):
                    store.swap_token(store.read_token(row), access_token="new")


# Users.


def test_a_user_who_is_in_no_database_yet_is_written_with_the_connection(
    bed: Bed, store: Any, user_model: Any
) -> None:
    for end in ("rollback", "commit"):
        with bed.unit():
            ann = user_model(name="ann")
            row = store.create_connection(user=ann, access_token="t", **ACCOUNT)
            assert row.user is ann
            getattr(store, end)()
            assert (ann.id is None) is (end == "rollback")
        assert names(bed) == ([] if end == "rollback" else ["ann"])


def test_a_user_who_breaks_a_constraint_is_a_conflict_and_nothing_is_written(
    bed: Bed, store: Any, user_model: Any
) -> None:
    with bed.unit():
        bed.find_user("ann")
        with pytest.raises(Conflict) as caught:
            store.create_connection(user=user_model(name="ann"), access_token="t", **ACCOUNT)
        assert not isinstance(caught.value, AlreadyConnected)
        assert "ann" not in str(caught.value)
        assert not store.database.in_transaction()
        bed.connected("ann")
        with pytest.raises(AlreadyConnected):
            store.create_connection(user=user_model(name="ann"), access_token="t", **ACCOUNT)
    assert (names(bed), subjects(bed)) == (["ann"], ["7"])


def test_a_user_who_is_gone_is_a_conflict(bed: Bed, store: Any) -> None:
    with bed.unit():
        ann = bed.find_user("ann")
        bed.remove_user("ann")
        with pytest.raises(Conflict, match="is gone"):
            store.create_connection(user=ann, access_token="t", **ACCOUNT)
        assert not store.database.in_transaction()


def test_a_row_that_is_gone_is_a_conflict(bed: Bed, store: Any) -> None:
    with bed.unit():
        row = bed.connected("ann")
        store.delete_connection(**ACCOUNT)
        store.commit()
        with pytest.raises(Conflict, match="is gone"):
            store.update_connection(row, access_token="new")
        assert not store.database.in_transaction()


def test_put_and_delete_are_part_of_the_outcome(bed: Bed, store: Any, user_model: Any) -> None:
    with bed.unit():
        ann = store.put(user_model(name="ann"))
        store.rollback()
        store.put(user_model(name="ann"))
        store.commit()
        with pytest.raises(IntegrityError):
            store.put(user_model(name="ann"))
        bob = store.put(user_model(name="bob"))
        store.commit()
        store.delete(bob)
        store.rollback()
    assert names(bed) == ["ann", "bob"]
    assert ann.name == "ann"


# The ledger.


@pytest.fixture
def ledger(store: Any) -> PeeweeLedger:
    assert isinstance(store.ledger, PeeweeLedger)
    return store.ledger


def test_a_flow_is_spent_once_and_stays_spent(bed: Bed, ledger: PeeweeLedger) -> None:
    with bed.unit():
        assert not ledger.is_spent("key")
        assert ledger.spend("key", clock.now() + 60)
        assert not ledger.spend("key", clock.now() + 60)
        assert ledger.is_spent("key")
        assert ledger.spend("other", clock.now() + 60)


def test_of_many_who_spend_a_flow_at_once_one_does(bed: Bed, ledger: PeeweeLedger) -> None:
    barrier = threading.Barrier(8, timeout=120)
    spent: list[bool] = []

    def spend() -> None:
        with bed.unit():
            barrier.wait()
            spent.append(ledger.spend("key", clock.now() + 60))

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    assert sorted(spent) == [False] * 7 + [True]


def test_spending_is_committed_whatever_the_application_has_pending(
    bed: Bed, store: Any, ledger: PeeweeLedger
) -> None:
    with bed.unit():
        bed.find_user("ann")
    with bed.unit():
        store.create_connection(user=bed.find_user("ann"), access_token="t", **ACCOUNT)
        if bed.one_writer:
            with pytest.raises(StoreUnavailable, match="locked for everybody"):
                ledger.spend("key", clock.now() + 60)
        else:
            assert ledger.spend("key", clock.now() + 60)
        store.rollback()
        assert ledger.is_spent("key") is not bed.one_writer
    assert subjects(bed) == []


def test_what_expired_is_forgotten_once_a_minute(bed: Bed, ledger: PeeweeLedger) -> None:
    with bed.unit():
        with clock.replaced(lambda: 1000):
            assert ledger.spend("old", 1100)
            assert ledger.spend("new", 1300)
        with clock.replaced(lambda: 1030):
            assert ledger.spend("third", 1300)
        with clock.replaced(lambda: 1200):
            assert ledger.is_spent("old")
            assert ledger.spend("fourth", 1300)
            assert not ledger.is_spent("old")
            assert ledger.is_spent("new")


# Databases.


def test_a_database_in_memory_has_one_connection(tmp_path: Path) -> None:
    file = beds.sqlite_file(tmp_path)
    assert not has_one_connection(file)
    for name in (":memory:", "file::memory:?cache=shared", "file:x?mode=memory"):
        assert has_one_connection(type(file)(name))
    assert has_one_connection(type(file)("x.db", thread_safe=False))


def test_in_memory_the_ledger_is_kept_in_memory() -> None:
    for bed in beds.in_memory():
        ledger: Any = bed.store.ledger
        assert ledger.spend("key", clock.now() + 60)
        assert ledger.is_spent("key")
        assert not ledger.spend("key", clock.now() + 60)


def test_in_memory_a_swap_is_part_of_what_is_pending() -> None:
    for bed in beds.in_memory():
        row = bed.connected("ann")
        bed.connected("bob", "8")
        bed.store.update_connection(row, display_name="Ann")
        token = bed.store.read_token(row)
        assert token is not None
        assert bed.store.swap_token(token, access_token="new") is not None
        bed.store.rollback()
        assert [each["access_token"] for each in bed.raw()] == ["token", "token"]


def test_a_lock_of_this_very_request_is_not_waited_for_long(
    postgres_database: str,
) -> None:
    for bed in beds.plain(beds.postgresql(postgres_database)):
        with bed.unit():
            row = bed.connected("ann")
            token = bed.store.read_token(row)
            assert token is not None
            bed.store.update_connection(row, access_token="pending")
            with pytest.raises(OperationalError) as caught:
                bed.store.swap_token(token, access_token="new")
            assert bed.store.trouble(caught.value) is Trouble.AWAY
            assert "lock timeout" in bed.store.told(caught.value)
            bed.store.commit()
        assert [each["access_token"] for each in bed.raw()] == ["pending"]


def test_a_locked_sqlite_file_is_trouble_that_may_pass(tmp_path: Path) -> None:
    database = beds.sqlite_file(tmp_path)
    for bed in beds.plain(database):
        with bed.unit():
            bed.find_user("ann")
        database.init(database.database, timeout=0)
        rival = sqlite3.connect(tmp_path / "social.db", isolation_level=None)
        rival.execute("BEGIN IMMEDIATE")
        with bed.unit(), pytest.raises(OperationalError) as caught:
            bed.connected("ann")
        rival.execute("ROLLBACK")
        rival.close()
        assert bed.store.trouble(caught.value) is Trouble.AGAIN
        with bed.unit():
            assert bed.connected("ann").id == 1
