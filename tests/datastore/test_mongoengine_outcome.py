"""Without transactions: what a commit, a rollback and a hold are worth in MongoDB."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import mongomock
import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError

from flask_social import clock
from flask_social.datastore.base import AlreadyConnected, Conflict
from flask_social.datastore.mongoengine import holds
from flask_social.datastore.trouble import Trouble

from . import mongoengine_beds as beds
from .beds import Bed

ACCOUNT = {"provider_id": "acme", "provider_user_id": "7"}


@pytest.fixture(params=[beds.shipped, beds.documented], ids=lambda declare: declare.__name__)
def bed(request: pytest.FixtureRequest) -> Iterator[Bed]:
    yield from beds.mongo(request.param, mongo_client_class=mongomock.MongoClient)


@pytest.fixture
def other(bed: Bed) -> Any:
    """The store of another process."""
    assert bed.make_store is not None
    return bed.make_store()


def users(bed: Bed) -> list[str]:
    return [user.name for user in user_model(bed).objects.order_by("name")]


def user_model(bed: Bed) -> Any:
    return bed.store.connection_model.user.document_type


def held(bed: Bed) -> int:
    """How much is held by now."""
    collection = bed.store.connection_model._get_collection()
    return int(collection.database[f"{collection.name}_holds"].count_documents({}))


# What is done at once, and taken back.


def test_a_rollback_brings_back_what_was_deleted_as_it_was(bed: Bed) -> None:
    bed.connected("ann", "7", display_name="Ann", secret="s")
    bed.connected("ann", "8")
    before = bed.raw()
    assert bed.store.delete_connections(user=bed.find_user("ann")) is True
    assert bed.raw() == []
    bed.store.rollback()
    assert bed.raw() == before


def test_an_account_that_somebody_has_connected_since_is_not_brought_back(
    bed: Bed, other: Any, caplog: pytest.LogCaptureFixture
) -> None:
    bed.connected("ann")
    bob = bed.find_user("bob")
    bed.store.delete_connection(**ACCOUNT)
    other.create_connection(user=bob, access_token="t", **ACCOUNT)
    other.commit()
    with caplog.at_level(logging.WARNING):
        bed.store.rollback()
    assert "somebody else's by now" in caplog.text
    [row] = bed.store.find_connections()
    assert row.user.name == "bob"


def test_what_another_one_changed_since_is_not_undone(bed: Bed, other: Any) -> None:
    bed.connected("ann", "7")
    bed.connected("ann", "8")
    first, second = bed.store.find_connections()
    bed.store.update_connection(first, access_token="mine")
    bed.store.update_connection(second, access_token="mine")
    other.delete_connection(provider_id="acme", provider_user_id="8")
    other.commit()
    with pytest.raises(Conflict):
        bed.store.commit()
    assert [row["access_token"] for row in bed.raw()] == ["token"], "the first write is undone"
    assert first.access_token == "token"


def test_nothing_is_written_where_a_row_that_was_to_be_changed_is_gone(
    bed: Bed, other: Any
) -> None:
    bed.connected("ann")
    bed.connected("ann", "8")
    row = bed.store.find_connection(**ACCOUNT)
    bed.store.update_connection(row, access_token="new")
    bed.store.put(user_model(bed)(name="zoe"))
    bed.store.delete(bed.store.find_connection(provider_user_id="8"))
    other.delete_connections(**ACCOUNT)
    other.commit()
    with pytest.raises(Conflict, match="gone"):
        bed.store.commit()
    assert users(bed) == ["ann"]
    assert [row["provider_user_id"] for row in bed.raw()] == ["8"]
    assert bed.store.is_idle()


def test_a_model_that_cannot_be_saved_takes_all_of_its_outcome_back(bed: Bed) -> None:
    row = bed.connected("ann")
    bed.store.update_connection(row, access_token="new")
    bed.store.put(user_model(bed)(name="zoe"))
    bed.store.put(user_model(bed)(name="ann"))
    with pytest.raises(bed.store.faults) as caught:
        bed.store.commit()
    assert bed.store.trouble(caught.value) is None
    assert users(bed) == ["ann"]
    assert bed.raw()[0]["access_token"] == "token"


def test_a_row_that_waits_for_the_commit_is_found_as_it_will_be(bed: Bed) -> None:
    bed.connected("ann")
    row = beds.row_of(bed, **ACCOUNT)
    bed.store.update_connection(row, access_token="new")
    assert beds.row_of(bed, **ACCOUNT) is row
    assert bed.store.find_connections(user=bed.find_user("ann"))[0].access_token == "new"
    assert bed.raw()[0]["access_token"] == "token"
    bed.store.rollback()
    assert row.access_token == "token"


def test_what_the_application_changed_in_a_row_stays_for_it_to_save(bed: Bed) -> None:
    row = bed.connected("ann")
    row.display_name = "Ann"
    bed.store.update_connection(row, access_token="new")
    bed.store.commit()
    assert (bed.raw()[0]["access_token"], bed.raw()[0]["display_name"]) == ("new", None)
    row.save()
    assert (bed.raw()[0]["access_token"], bed.raw()[0]["display_name"]) == ("new", "Ann")


def test_the_store_is_idle_until_there_is_something_to_lose(bed: Bed) -> None:
    row = bed.connected("ann")
    store, ann = bed.store, bed.find_user("ann")

    def forget() -> None:
        store.rollback()
        assert store.is_idle()

    assert store.is_idle()
    store.find_connections()
    assert store.is_idle()
    works: list[Callable[[], Any]] = [
        lambda: store.update_connection(row, access_token="new"),
        lambda: store.delete(row),
        lambda: store.put(ann),
        lambda: store.delete_connection(**ACCOUNT),
        lambda: store.lock_connections(ann),
    ]
    for work in works:
        work()
        assert not store.is_idle()
        forget()


def test_what_a_thread_left_behind_is_undone_before_its_next_request(bed: Bed) -> None:
    bed.connected("ann")
    before = bed.raw()
    row = bed.store.find_connection(**ACCOUNT)
    bed.store.update_connection(row, access_token="new")
    bed.store.delete_connections(**ACCOUNT)
    bed.store.lock_connections(bed.find_user("ann"))
    bed.store.abandon()
    bed.store.commit()
    assert (bed.raw(), held(bed)) == (before, 0)


def test_a_user_who_is_deleted_goes_with_the_commit(bed: Bed) -> None:
    bed.connected("ann")
    bed.store.delete(bed.find_user("ann"))
    assert users(bed) == ["ann"]
    bed.store.commit()
    assert (users(bed), bed.raw()) == ([], [])


def test_a_row_that_somebody_was_faster_to_delete_is_deleted(bed: Bed, other: Any) -> None:
    row = bed.connected("ann")
    bed.store.delete(row)
    other.delete_connections(**ACCOUNT)
    other.commit()
    bed.store.commit()
    assert bed.raw() == []


def test_a_change_makes_way_for_the_writes_of_others(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap, others = mongomock.Collection.find_one_and_update, ["first", "second"]

    def crowded(collection: Any, *args: Any, **kwargs: Any) -> Any:
        if others:
            update = {"$set": {"secret": others.pop()}, "$inc": {"version": 1}}
            collection.update_one({}, update)
        return swap(collection, *args, **kwargs)

    row = bed.connected("ann")
    monkeypatch.setattr(mongomock.Collection, "find_one_and_update", crowded)
    bed.store.update_connection(row, access_token="new")
    bed.store.commit()
    [raw] = bed.raw()
    assert (raw["access_token"], raw["secret"], others) == ("new", "first", [])


def test_a_change_that_never_gets_its_turn_is_tried_again_by_the_request(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = bed.connected("ann")
    monkeypatch.setattr(mongomock.Collection, "find_one_and_update", lambda *_, **__: None)
    bed.store.update_connection(row, access_token="new")
    with pytest.raises(bed.store.faults) as caught:
        bed.store.commit()
    assert bed.store.trouble(caught.value) is Trouble.AGAIN
    assert row.access_token == "token"


def test_an_account_that_is_taken_and_free_again_is_tried_again_by_the_request(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_args: Any, **_kwargs: Any) -> None:
        pattern = {"provider_id": 1, "provider_user_id": 1}
        raise DuplicateKeyError("E11000", 11000, {"keyPattern": pattern})

    ann = bed.find_user("ann")
    monkeypatch.setattr(mongomock.Collection, "insert_one", taken)
    with pytest.raises(bed.store.faults) as caught:
        bed.store.create_connection(user=ann, access_token="t", **ACCOUNT)
    assert bed.store.trouble(caught.value) is Trouble.AGAIN


def test_a_rollback_that_fails_says_so_and_is_over(
    bed: Bed, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise AutoReconnect("connection closed")

    ann = bed.connected("ann").user
    bed.store.lock_connections(ann)
    bed.store.create_connection(
        user=ann, provider_id="acme", provider_user_id="8", access_token="t"
    )
    with monkeypatch.context() as broken:
        broken.setattr(mongomock.Collection, "delete_many", away)
        with pytest.raises(bed.store.faults) as caught:
            bed.store.rollback()
    assert bed.store.trouble(caught.value) is Trouble.AWAY
    assert bed.store.is_idle()
    with clock.replaced(lambda: 4e9, _no_waiting):
        assert len(other.lock_connections(ann)) == 2, "what could not be undone is there"
        other.rollback()


# Users.


def test_a_new_user_is_written_with_the_connection(bed: Bed) -> None:
    zoe = user_model(bed)(name="zoe")
    row = bed.store.create_connection(user=zoe, access_token="t", **ACCOUNT)
    bed.store.commit()
    assert users(bed) == ["zoe"]
    found = beds.row_of(bed, **ACCOUNT)
    assert (found, found.user) == (row, zoe)
    assert held(bed) == 0


def test_a_new_user_who_was_put_before_is_written_once(bed: Bed) -> None:
    zoe = bed.store.put(user_model(bed)(name="zoe"))
    bed.store.create_connection(user=zoe, access_token="t", **ACCOUNT)
    bed.store.commit()
    assert users(bed) == ["zoe"]


def test_a_new_user_goes_with_a_rollback(bed: Bed) -> None:
    bed.store.create_connection(user=user_model(bed)(name="zoe"), access_token="t", **ACCOUNT)
    bed.store.rollback()
    assert (users(bed), bed.raw(), held(bed)) == ([], [], 0)


def test_a_new_user_who_comes_second_is_not_written(bed: Bed) -> None:
    bed.connected("ann")
    with pytest.raises(AlreadyConnected):
        bed.store.create_connection(user=user_model(bed)(name="zoe"), access_token="t", **ACCOUNT)
    bed.store.rollback()
    assert users(bed) == ["ann"]


def test_a_new_user_whose_name_is_taken_is_a_conflict_and_all_is_undone(bed: Bed) -> None:
    bob = bed.find_user("bob")
    bed.store.create_connection(
        user=bob, provider_id="acme", provider_user_id="8", access_token="t"
    )
    with pytest.raises(Conflict) as caught:
        bed.store.create_connection(user=user_model(bed)(name="bob"), access_token="t", **ACCOUNT)
    assert "bob" not in str(caught.value)
    assert (users(bed), bed.raw(), held(bed)) == (["bob"], [], 0)


def test_a_new_user_who_is_not_valid_is_a_conflict_that_names_the_field(bed: Bed) -> None:
    with pytest.raises(Conflict, match=r"not valid: name$"):
        bed.store.create_connection(
            user=user_model(bed)(name="z" * 81), access_token="t", **ACCOUNT
        )
    assert (users(bed), bed.raw()) == ([], [])


def test_a_user_who_was_deleted_meanwhile_gets_no_connection(bed: Bed) -> None:
    ann = bed.find_user("ann")
    bed.remove_user("ann")
    for whose in ({"user": ann}, {"user_id": ann.pk}, {"user_id": str(ann.pk)}, {"user": None}):
        with pytest.raises(Conflict, match="gone"):
            bed.store.create_connection(access_token="t", **whose, **ACCOUNT)
        assert bed.raw() == []


def test_a_row_whose_user_is_gone_has_none_and_makes_room(bed: Bed) -> None:
    bed.connected("ann")
    bed.connected("bob", "8")
    user_model(bed)._get_collection().delete_one({"name": "ann"})  # past MongoEngine's rule
    assert beds.row_of(bed, **ACCOUNT).user is None
    assert [row.user and row.user.name for row in bed.store.find_connections()] == [None, "bob"]
    assert bed.store.delete_orphan(provider_id="acme", provider_user_id="8") is False
    assert bed.store.delete_orphan(**ACCOUNT) is True
    bed.store.rollback()
    assert len(bed.raw()) == 2
    assert bed.store.delete_orphan(**ACCOUNT) is True
    bed.connected("bob")
    assert len(bed.raw()) == 2


# Holding a user's connections.


def test_whoever_comes_second_waits_until_the_first_has_ended(bed: Bed, other: Any) -> None:
    bed.connected("ann", "7")
    bed.connected("ann", "8")
    ann = bed.find_user("ann")
    [first, _] = bed.store.lock_connections(ann)
    bed.store.delete(first)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            bed.store.commit()

    with clock.replaced(lambda: 1000, pause):
        rows = other.lock_connections(ann)
    assert [row.provider_user_id for row in rows] == ["8"]
    assert pauses == [holds.LOOK_EVERY] * 3
    other.rollback()
    assert held(bed) == 0


def test_a_user_who_is_not_written_yet_has_no_connections_to_hold(bed: Bed) -> None:
    assert bed.store.lock_connections(user_model(bed)(name="zoe")) == []
    assert bed.store.is_idle()


def test_another_users_connections_are_free(bed: Bed, other: Any) -> None:
    bed.connected("ann")
    bed.connected("bob", "8")
    bed.store.lock_connections(bed.find_user("ann"))
    with clock.replaced(lambda: 1000, _no_waiting):
        assert len(other.lock_connections(bed.find_user("bob"))) == 1


def test_what_is_held_by_one_who_is_gone_is_free_after_a_while(bed: Bed, other: Any) -> None:
    bed.connected("ann")
    ann = bed.find_user("ann")
    now = [1000]
    with clock.replaced(lambda: now[0], lambda _: now.__setitem__(0, now[0] + 1)):
        bed.store.lock_connections(ann)
        other.lock_connections(ann)
    assert now == [1000 + holds.LEASE]


def test_whoever_stood_still_meanwhile_removes_no_last_way_in(bed: Bed, other: Any) -> None:
    """A069, where the first is not faster than its hold: the database has the last word."""
    bed.connected("ann", "7")
    bed.connected("ann", "8")
    ann = bed.find_user("ann")
    [first, second] = bed.store.lock_connections(ann)
    bed.store.delete(first)
    with clock.replaced(lambda: 4e9, _no_waiting):
        assert other.lock_connections(ann) == [first, second]
        other.delete(second)
        other.commit()
    with pytest.raises(bed.store.faults) as caught:
        bed.store.commit()
    assert bed.store.trouble(caught.value) is Trouble.AGAIN
    assert [row["provider_user_id"] for row in bed.raw()] == ["7"]


def test_one_who_stood_still_leaves_alone_what_another_holds_by_now(bed: Bed, other: Any) -> None:
    bed.connected("ann")
    ann = bed.find_user("ann")
    bed.store.lock_connections(ann)
    with clock.replaced(lambda: 4e9, _no_waiting):
        other.lock_connections(ann)
    bed.store.rollback()
    assert held(bed) == 1
    other.commit()
    assert held(bed) == 0


def test_what_is_never_to_be_had_is_no_endless_wait(bed: Bed, other: Any) -> None:
    bed.connected("ann")
    bed.store.lock_connections(bed.find_user("ann"))
    waited: list[float] = []
    with (
        clock.replaced(lambda: 1000, waited.append),
        pytest.raises(bed.store.faults) as caught,
    ):
        other.lock_connections(bed.find_user("ann"))
    assert bed.store.trouble(caught.value) is Trouble.AGAIN
    assert sum(waited) == pytest.approx(holds.PATIENCE)


def _no_waiting(seconds: float) -> None:
    pytest.fail("it waited")
