"""What the MongoEngine store makes of the models that applications have."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from uuid import uuid4

import mongomock
import pytest
from bson.json_util import CANONICAL_JSON_OPTIONS
from mongoengine import (
    CASCADE,
    DateTimeField,
    Document,
    IntField,
    LongField,
    ReferenceField,
    SequenceField,
    StringField,
    UUIDField,
    ValidationError,
)

from flask_social.datastore.base import AlreadyConnected
from flask_social.datastore.mongoengine import MongoEngineConnectionDatastore
from flask_social.datastore.sealing import PREFIX
from flask_social.errors import ConfigurationError
from flask_social.models.mongoengine_v1 import ConnectionMixin
from flask_social.values import Secret, Unreadable

from . import mongoengine_beds as beds
from .beds import Bed
from .sealing_contract import OLD

ACCOUNT = {"provider_id": "acme", "provider_user_id": "7"}
UNIQUE = {"fields": ["provider_id", "provider_user_id"], "unique": True}


@pytest.fixture
def make_bed() -> Iterator[Callable[..., Bed]]:
    """A function that gives a bed for the models that it is told to declare."""
    made = []

    def make(declare: Callable[[str], beds.Models]) -> Bed:
        made.append(beds.mongo(declare, mongo_client_class=mongomock.MongoClient))
        return next(made[-1])

    yield make
    for each in made:
        each.close()


@pytest.fixture
def bed(make_bed: Callable[..., Bed]) -> Bed:
    return make_bed(beds.shipped)


# However a row is come by, its tokens are open there and sealed in the database.


def test_the_applications_own_queries_give_open_tokens(bed: Bed) -> None:
    bed.restart(OLD)
    ann = bed.connected("ann", access_token="hush", secret="hush").user
    model = bed.store.connection_model
    assert model.objects.get(user=ann).access_token == "hush"
    assert model.objects.only("access_token").first().access_token == "hush"
    assert list(model.objects.scalar("secret")) == ["hush"]
    row = model.objects.first()
    row.reload("access_token")
    assert row.access_token == "hush"
    row.reload()
    assert isinstance(row.access_token, Secret)
    [document] = model.objects.as_pymongo()
    assert document["access_token"].startswith(PREFIX)


def test_a_row_of_some_fields_is_written_like_a_whole_one(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(beds.documented)
    bed.restart(OLD)
    bed.connected("ann", access_token="hush", secret="hush secret")
    model = bed.store.connection_model
    row = model.objects.only("access_token").first()
    row.access_token = "hush-hush"
    row.save(validate=False)
    row = model.objects.only("provider_user_id").first()
    row.provider_user_id = "8"
    row.save(validate=False)
    assert "hush" not in repr(bed.raw())
    row = bed.store.find_connection(provider_id="acme", provider_user_id="8")
    assert row is not None
    assert (row.access_token, row.secret) == ("hush-hush", "hush secret")


def test_a_row_that_the_application_makes_is_sealed(bed: Bed) -> None:
    bed.restart(OLD)
    ann = bed.find_user("ann")
    model = bed.store.connection_model
    row = model(user=ann, access_token="hush", refresh_token="hush", **ACCOUNT).save()
    assert repr(row.access_token) == "<secret>"
    assert "hush" not in repr(bed.raw())
    other = model(
        user=ann, provider_id="acme", provider_user_id="8", access_token="hush", id_token="hush"
    )
    model.objects.insert([other])
    assert "hush" not in repr(bed.raw())
    assert [each.access_token for each in model.objects] == ["hush", "hush"]


def test_what_is_written_without_a_document_is_sealed_by_the_next_write_of_the_store(
    bed: Bed,
) -> None:
    bed.restart(OLD)
    bed.connected("ann", secret="hush")
    model = bed.store.connection_model
    model.objects.update(access_token="plain")
    assert bed.raw()[0]["access_token"] == "plain"
    row = model.objects.first()
    assert row.access_token == "plain"
    bed.store.update_connection(row, rank=2)
    bed.store.commit()
    assert bed.raw()[0]["access_token"].startswith(PREFIX)
    assert model.objects.first().access_token == "plain"


def test_neither_pickle_nor_json_of_a_row_shows_a_token(bed: Bed) -> None:
    bed.restart(OLD)
    row = bed.connected("ann", access_token="hush-hush")
    state = row.__getstate__()
    assert b"hush-hush" not in pickle.dumps(state["_data"])
    assert "hush-hush" not in row.to_json(json_options=CANONICAL_JSON_OPTIONS)
    again = bed.store.connection_model()
    again.__setstate__(state)
    assert again.access_token == "hush-hush"
    assert "hush" not in repr(row) + str(row)


def test_the_model_is_hooked_once_for_all_stores(bed: Bed) -> None:
    model = bed.store.connection_model
    hooks = model.to_mongo, model._from_son.__func__
    for _ in range(3):
        bed.restart(OLD)
    assert (model.to_mongo, model._from_son.__func__) == hooks
    bed.connected("ann", access_token="hush")
    assert bed.raw()[0]["access_token"].count(PREFIX) == 1


def test_a_model_and_one_that_inherits_it_are_sealed_once(make_bed: Callable[..., Bed]) -> None:
    def declare(alias: str) -> beds.Models:
        class User(Document):
            meta: ClassVar = {"db_alias": alias}
            name = StringField(unique=True)

        class Connection(ConnectionMixin, Document):
            meta: ClassVar = {"db_alias": alias, "allow_inheritance": True}
            user = ReferenceField(User, reverse_delete_rule=CASCADE)

        class WorkConnection(Connection):
            employer = StringField()

        return beds.Models(User, WorkConnection, None)

    bed = make_bed(declare)
    base = MongoEngineConnectionDatastore(None, bed.store.connection_model.__bases__[0])
    base.sealing.use([OLD])
    bed.restart(OLD)
    bed.connected("ann", access_token="hush")
    assert bed.raw()[0]["access_token"].startswith(PREFIX)
    for store in (bed.store, base):
        [row] = store.find_connections(**ACCOUNT)
        assert (row.access_token, type(row)) == ("hush", bed.store.connection_model)
        assert len(store.stored_tokens()) == 1
    indexes = bed.store.connection_model._get_collection().index_information().values()
    account = [("provider_id", 1), ("provider_user_id", 1)]
    assert [each["unique"] for each in indexes if each["key"] == account] == [True]


def test_a_token_that_cannot_be_read_and_is_not_a_token_is_not_written(bed: Bed) -> None:
    bed.restart(OLD)
    bed.connected("ann", access_token="hush")
    before = bed.raw()[0]["access_token"]
    bed.restart()
    row = beds.row_of(bed, **ACCOUNT)
    assert isinstance(row.access_token, Unreadable)
    bed.store.update_connection(row, secret=Unreadable(), rank=5)
    bed.store.commit()
    assert (bed.raw()[0]["access_token"], bed.raw()[0]["secret"]) == (before, None)


# Shapes of a model.


@pytest.mark.parametrize("kind", [UUIDField, SequenceField, LongField, StringField])
def test_users_have_keys_of_any_kind(make_bed: Callable[..., Bed], kind: Any) -> None:
    numbers = iter(range(10, 20))
    more: dict[Any, dict[str, Any]] = {
        UUIDField: {"default": uuid4, "binary": False},  # mongomock takes no other
        LongField: {"default": lambda: next(numbers)},
        StringField: {"default": lambda: f"key {next(numbers)}"},
    }

    def declare(alias: str) -> beds.Models:
        more[SequenceField] = {"db_alias": alias}

        class User(Document):
            meta: ClassVar = {"db_alias": alias}
            key = kind(primary_key=True, **more[kind])
            name = StringField(unique=True)

        class Connection(ConnectionMixin, Document):
            meta: ClassVar = {"db_alias": alias}
            user = ReferenceField(User, reverse_delete_rule=CASCADE)

        return beds.Models(User, Connection, None)

    bed = make_bed(declare)
    ann, row = bed.find_user("ann"), bed.connected("ann")
    bed.connected("bob", "8")
    for filters in ({"user": ann}, {"user_id": ann.pk}, {"user_id": str(ann.pk)}):
        assert bed.store.find_connections(**filters) == [row]
    assert beds.row_of(bed, **ACCOUNT).user == ann
    assert beds.row_of(bed, **ACCOUNT).user_id == ann.pk
    assert bed.store.lock_connections(ann) == [row]
    bed.store.rollback()
    new = bed.store.connection_model.user.document_type(name="zoe")
    made = bed.store.create_connection(
        user=new, provider_id="acme", provider_user_id="9", access_token="t"
    )
    bed.store.commit()
    assert beds.row_of(bed, provider_user_id="9").user == made.user == new
    for key in ("x", "", "1\0", "\ud800", str(2**70)):
        assert bed.store.find_connection(user_id=key) is None


def test_a_reference_may_be_stored_as_one(make_bed: Callable[..., Bed]) -> None:
    def declare(alias: str) -> beds.Models:
        class User(Document):
            meta: ClassVar = {"db_alias": alias}
            name = StringField(unique=True)

        class Connection(ConnectionMixin, Document):
            meta: ClassVar = {"db_alias": alias}
            user = ReferenceField(User, dbref=True, reverse_delete_rule=CASCADE)

        return beds.Models(User, Connection, None)

    bed = make_bed(declare)
    row = bed.connected("ann")
    assert bed.store.find_connections(user=bed.find_user("ann")) == [row]
    assert bed.store.find_connections(user_id=str(row.user.pk)) == [row]
    assert beds.row_of(bed, **ACCOUNT).user.name == "ann"


def test_a_subject_may_be_stored_as_a_number(make_bed: Callable[..., Bed]) -> None:
    def declare(alias: str) -> beds.Models:
        models = beds.by_key(alias)

        class Connection(Document):
            meta: ClassVar = {"db_alias": alias, "indexes": [UNIQUE]}
            user = ReferenceField(models.user)
            provider_id = StringField()
            provider_user_id = LongField()
            access_token = StringField()

        return beds.Models(models.user, Connection, None)

    bed = make_bed(declare)
    bed.restart(OLD)
    bed.connected("ann", "7")
    assert beds.row_of(bed, **ACCOUNT).access_token == "token"
    assert bed.store.find_connection(provider_user_id="7 OR 1=1") is None


def test_fields_of_other_kinds_than_ours_are_left_alone(make_bed: Callable[..., Bed]) -> None:
    def declare(alias: str) -> beds.Models:
        models = beds.by_key(alias)

        class Connection(Document):
            meta: ClassVar = {"db_alias": alias, "indexes": [UNIQUE]}
            user = ReferenceField(models.user)
            provider_id = StringField()
            provider_user_id = StringField()
            access_token = StringField()
            expires_at = DateTimeField()
            created_at = DateTimeField()
            display_name = StringField(max_length=3)
            profile_url = StringField(max_length=3)

        return beds.Models(models.user, Connection, None)

    bed = make_bed(declare)
    values: dict[str, Any] = {"expires_at": 99, "display_name": "Anna", "profile_url": "https://"}
    row = bed.connected("ann", **values)
    assert (row.expires_at, row.created_at) == (None, None)
    assert (row.display_name, row.profile_url) == ("Ann", None)
    assert bed.store.stored_tokens(expiring_before=100) == []


def test_a_token_that_is_longer_than_the_model_expects_is_kept(
    make_bed: Callable[..., Bed],
) -> None:
    bed = make_bed(beds.documented)
    bed.connected("ann", access_token="x" * 4000)
    assert beds.row_of(bed, **ACCOUNT).access_token == "x" * 4000


def test_what_the_model_does_not_take_is_the_applications_mistake(
    make_bed: Callable[..., Bed],
) -> None:
    def declare(alias: str) -> beds.Models:
        models = beds.by_key(alias)

        class Connection(Document):
            meta: ClassVar = {"db_alias": alias, "indexes": [UNIQUE]}
            user = ReferenceField(models.user)
            provider_id = StringField()
            provider_user_id = StringField()
            access_token = StringField()
            shop = IntField(required=True)

        return beds.Models(models.user, Connection, None)

    bed = make_bed(declare)
    with pytest.raises(ValidationError, match="shop"):
        bed.connected("ann")
    assert bed.raw() == []


def test_a_unique_field_of_the_applications_own_is_its_own_affair(
    make_bed: Callable[..., Bed],
) -> None:
    def declare(alias: str) -> beds.Models:
        models = beds.by_key(alias)

        class Connection(ConnectionMixin, Document):
            meta: ClassVar = {"db_alias": alias, "indexes": [{"fields": ["email"], "unique": True}]}
            user = ReferenceField(models.user, reverse_delete_rule=CASCADE)

        return beds.Models(models.user, Connection, None)

    bed = make_bed(declare)
    bed.connected("ann", email="same@example.org")
    with pytest.raises(bed.store.faults) as caught:
        bed.connected("bob", "8", email="same@example.org")
    assert bed.store.trouble(caught.value) is None
    assert "same@" not in str(caught.value)
    assert len(bed.raw()) == 1


def test_a_row_that_is_older_than_its_version_is_written_all_the_same(bed: Bed) -> None:
    bed.connected("ann")
    model = bed.store.connection_model
    model._get_collection().update_many({}, {"$unset": {"version": "", "updated_at": ""}})
    [token] = bed.store.stored_tokens()
    assert token.version is None
    swapped = bed.store.swap_token(token, access_token="new")
    assert swapped is not None
    assert swapped.version == 1
    assert bed.store.swap_token(token, access_token="newer") is None
    model._get_collection().update_many({}, {"$unset": {"version": "", "updated_at": ""}})
    row = beds.row_of(bed, **ACCOUNT)
    bed.store.update_connection(row, secret=Unreadable())
    bed.store.update_connection(row, access_token="newest")
    bed.store.commit()
    assert (row.access_token, row.version) == ("newest", 1)
    assert [each["access_token"] for each in bed.raw()] == ["newest"]


# What the start says of a model.


def test_a_model_that_is_well_made_is_no_reason_to_warn(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        bed.store.require_columns()
    assert caplog.text == ""


def test_a_model_without_the_index_is_looked_through_and_warned_of(
    make_bed: Callable[..., Bed], caplog: pytest.LogCaptureFixture
) -> None:
    def declare(alias: str) -> beds.Models:
        models = beds.by_key(alias)

        class Connection(Document):
            meta: ClassVar = {"db_alias": alias}
            user = ReferenceField(models.user)
            provider_id = StringField()
            provider_user_id = StringField()
            access_token = StringField(max_length=255)

        return beds.Models(models.user, Connection, None)

    bed = make_bed(declare)
    with caplog.at_level(logging.WARNING):
        bed.store.require_columns()
    assert "Two users could end up with one account" in caplog.text
    assert "Connection.access_token holds 255 characters" in caplog.text
    assert "The connections of a removed user stay" in caplog.text
    bed.connected("ann")
    with pytest.raises(AlreadyConnected):
        bed.connected("bob")


def test_a_rule_that_the_users_model_has_is_a_rule(
    make_bed: Callable[..., Bed], caplog: pytest.LogCaptureFixture
) -> None:
    def declare(alias: str) -> beds.Models:
        models = beds.documented(alias)

        class Connection(Document):
            meta: ClassVar = {"db_alias": alias, "indexes": [UNIQUE]}
            user = ReferenceField(models.user)
            provider_id = StringField()
            provider_user_id = StringField()
            access_token = StringField()

        models.user.register_delete_rule(Connection, "user", CASCADE)
        return beds.Models(models.user, Connection, None)

    bed = make_bed(declare)
    with caplog.at_level(logging.WARNING):
        bed.store.require_columns()
    assert caplog.text == ""


@pytest.mark.parametrize("missing", ["user", "provider_user_id", "access_token"])
def test_a_model_that_lacks_what_nothing_works_without_is_refused(
    missing: str, make_bed: Callable[..., Bed]
) -> None:
    def declare(alias: str) -> beds.Models:
        models = beds.by_key(alias)
        fields = {
            "user": ReferenceField(models.user),
            "provider_id": StringField(),
            "provider_user_id": StringField(),
            "access_token": StringField(),
        }
        del fields[missing]
        members = {"meta": {"db_alias": alias}, **fields}
        return beds.Models(models.user, type("Connection", (Document,), members), None)

    with pytest.raises(ConfigurationError, match=missing):
        make_bed(declare).store.require_columns()


def test_a_user_that_is_neither_a_reference_nor_a_key_is_refused(
    make_bed: Callable[..., Bed],
) -> None:
    def declare(alias: str) -> beds.Models:
        models = beds.by_key(alias)

        class Connection(Document):
            meta: ClassVar = {"db_alias": alias}
            user = StringField()
            provider_id = StringField()
            provider_user_id = StringField()
            access_token = StringField()

        return beds.Models(models.user, Connection, None)

    with pytest.raises(ConfigurationError, match="ReferenceField"):
        make_bed(declare).store.require_columns()


def test_the_first_of_a_users_connections_is_the_one_of_lowest_rank(bed: Bed) -> None:
    ann = bed.find_user("ann")
    bed.connected("ann", "1")
    assert beds.row_of(bed, user=ann).provider_user_id == "1"
    bed.connected("ann", "2", rank=2)
    bed.connected("ann", "3", rank=1)
    assert beds.row_of(bed, user=ann, provider_id="acme").provider_user_id == "3"
    assert beds.row_of(bed, provider_id="acme").provider_user_id == "3"
    assert bed.store.find_connection(user=ann, provider_id="other") is None
    assert beds.row_of(bed).provider_user_id == "3"
