"""Stores in MongoDB to run the contract on: the models of today, and those of 1.6."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from itertools import count
from typing import Any, ClassVar
from uuid import uuid4

import mongomock
import pytest
from mongoengine import (
    CASCADE,
    Document,
    IntField,
    ObjectIdField,
    ReferenceField,
    StringField,
    UUIDField,
    connect,
)
from mongoengine.connection import disconnect, get_db

from flask_social.datastore.mongoengine import MongoEngineConnectionDatastore
from flask_social.models.mongoengine_v1 import ConnectionMixin, FlowMixin, RegistrationMixin

from .beds import Bed

_numbers = count(1)


@dataclass
class Models:
    user: Any
    connection: Any
    flow: Any
    registered: Any = None


def shipped(alias: str) -> Models:
    """The models that an application of today has."""

    class User(Document):
        meta: ClassVar = {"db_alias": alias}
        name = StringField(max_length=80, unique=True)

    class Connection(ConnectionMixin, Document):
        meta: ClassVar = {"db_alias": alias}
        user = ReferenceField(User, required=True, reverse_delete_rule=CASCADE)

    class SpentFlow(FlowMixin, Document):
        meta: ClassVar = {"db_alias": alias}

    class Registered(RegistrationMixin, Document):
        meta: ClassVar = {"db_alias": alias}

    return Models(User, Connection, SpentFlow, Registered)


def documented(alias: str) -> Models:
    """The model that the documentation of 1.6 prints, as a document: the user is a reference."""

    class User(Document):
        meta: ClassVar = {"db_alias": alias}
        name = StringField(max_length=80, unique=True)

    class Connection(Document):
        meta: ClassVar = {
            "db_alias": alias,
            "indexes": [{"fields": ["provider_id", "provider_user_id"], "unique": True}],
        }
        user = ReferenceField(User, reverse_delete_rule=CASCADE)
        provider_id = StringField(max_length=255)
        provider_user_id = StringField(max_length=255)
        access_token = StringField(max_length=255)
        secret = StringField(max_length=255)
        display_name = StringField(max_length=255)
        profile_url = StringField(max_length=512)
        image_url = StringField(max_length=512)
        rank = IntField()

    return Models(User, Connection, None)


def by_key(alias: str) -> Models:
    """The same with the user's key, as the code of 1.6 filtered by it, under names of its own."""

    class User(Document):
        meta: ClassVar = {"db_alias": alias}
        name = StringField(max_length=80, unique=True)

    class Connection(Document):
        meta: ClassVar = {"db_alias": alias}
        user_id = ObjectIdField(db_field="u")
        provider_id = StringField(max_length=255, db_field="p")
        provider_user_id = StringField(max_length=255, db_field="s", unique_with="provider_id")
        access_token = StringField(max_length=255, db_field="t")
        secret = StringField(max_length=255)
        display_name = StringField(max_length=255)
        profile_url = StringField(max_length=512)
        image_url = StringField(max_length=512)
        rank = IntField()

        @property
        def user(self) -> Any:
            return User.objects(id=self.user_id).first()

    return Models(User, Connection, None)


def by_uuid(alias: str) -> Models:
    """The models of today, with users whose primary key is a UUID."""

    class User(Document):
        meta: ClassVar = {"db_alias": alias}
        key = UUIDField(primary_key=True, default=uuid4)
        name = StringField(max_length=80, unique=True)

    class Connection(ConnectionMixin, Document):
        meta: ClassVar = {"db_alias": alias}
        user = ReferenceField(User, required=True, reverse_delete_rule=CASCADE)

    return Models(User, Connection, None)


def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let mongomock write one document after the other, as a server does.

    Between threads its own operations are not atomic: it reads, and then it writes.
    """
    lock = threading.RLock()
    for name in ("_insert", "_update", "_delete", "_find_and_modify"):
        monkeypatch.setattr(mongomock.Collection, name, _locked(lock, name))


def _locked(lock: Any, name: str) -> Callable[..., Any]:
    method = getattr(mongomock.Collection, name)

    @wraps(method)
    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return method(*args, **kwargs)

    return locked


def mongo(declare: Callable[[str], Models], **client: Any) -> Generator[Bed, None, None]:
    """A bed in an empty database of its own.

    :param client: what ``mongoengine.connect`` is told of the server.
    """
    alias = f"social_test_{next(_numbers)}"
    connect(alias, alias, uuidRepresentation="standard", **client)
    models = declare(alias)
    try:
        yield _bed(models)
    finally:
        get_db(alias).client.drop_database(get_db(alias).name)
        disconnect(alias)


def row_of(bed: Bed, **filters: Any) -> Any:
    """The connection that matches; it is there."""
    row = bed.store.find_connection(**filters)
    assert row is not None
    return row


def _bed(models: Models) -> Bed:
    def make_store() -> MongoEngineConnectionDatastore:
        given = (models.connection, models.flow, models.registered)
        return MongoEngineConnectionDatastore(None, *given)

    store = make_store()
    fields = models.connection._fields

    def find_user(name: str) -> Any:
        user = models.user.objects(name=name).first()
        if user is None:
            user = store.put(models.user(name=name))
            store.commit()
        return user

    def raw() -> list[dict[str, Any]]:
        documents = models.connection._get_collection().find().sort("_id")
        return [
            {name: document.get(field.db_field) for name, field in fields.items()}
            for document in documents
        ]

    def overwrite(subject: str, **values: Any) -> None:
        written = {fields[name].db_field: value for name, value in values.items()}
        account = {fields["provider_user_id"].db_field: subject}
        models.connection._get_collection().update_one(account, {"$set": written})

    def raw_registrations() -> list[dict[str, Any]]:
        return list(models.registered._get_collection().find())

    def overwrite_secret(host: str, secret: str) -> None:
        change = {"$set": {"client_secret": secret}}
        models.registered._get_collection().update_one({"host": host}, change)

    return Bed(
        store=store, unit=nullcontext, find_user=find_user, make_store=make_store, raw=raw,
        overwrite=overwrite, save=lambda row: row.save(),
        remove_user=lambda name: find_user(name).delete(),
        raw_registrations=raw_registrations, overwrite_secret=overwrite_secret,
    )  # fmt: skip
