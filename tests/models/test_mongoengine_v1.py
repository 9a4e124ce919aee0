"""The MongoEngine mixins: the fields of every ORM's, an index, and what goes with a user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mongomock
import pytest
from mongoengine import StringField
from sqlalchemy.orm import DeclarativeBase

from flask_social.datastore.tokens import TOKENS
from flask_social.models import sqla_v1
from flask_social.values import Secret
from tests.datastore import mongoengine_beds as beds


@pytest.fixture
def models() -> Iterator[beds.Models]:
    made: list[beds.Models] = []

    def declare(alias: str) -> beds.Models:
        made.append(beds.shipped(alias))
        return made[0]

    bed = beds.mongo(declare, mongo_client_class=mongomock.MongoClient)
    next(bed)
    yield made[0]
    bed.close()


def test_the_fields_are_those_of_the_other_mixins(models: beds.Models) -> None:
    class Base(DeclarativeBase):
        pass

    class Connection(Base, sqla_v1.ConnectionMixin):
        __tablename__ = "connection"

    columns = {column.name for column in Connection.__table__.columns}
    assert set(models.connection._fields) == columns - {"user_id"} | {"user"}
    lengths = {
        column.name: getattr(column.type, "length", None) for column in Connection.__table__.columns
    }
    for name, field in models.connection._fields.items():
        if isinstance(field, StringField):
            assert field.max_length == lengths[name]


def test_an_account_is_unique_and_a_users_connections_are_indexed(models: beds.Models) -> None:
    indexes = models.connection._get_collection().index_information().values()
    keys = {tuple(name for name, _ in each["key"]): each.get("unique", False) for each in indexes}
    assert keys[("provider_id", "provider_user_id")] is True
    assert keys[("user",)] is False


def test_a_removed_users_connections_go_too(models: beds.Models) -> None:
    ann, bob = models.user(name="ann").save(), models.user(name="bob").save()
    for user, subject in ((ann, "1"), (bob, "2")):
        models.connection(user=user, provider_id="acme", provider_user_id=subject).save()
    ann.delete()
    assert [row.provider_user_id for row in models.connection.objects] == ["2"]


def test_tokens_are_secrets_from_the_start(models: beds.Models) -> None:
    row = models.connection(**dict.fromkeys(TOKENS, "hush"))
    assert all(repr(row[name]) == "<secret>" for name in TOKENS)
    row.secret = "hush-hush"
    assert isinstance(row.secret, Secret)
    row.secret = None
    assert row.secret is None


def test_a_row_says_whose_it_is_without_loading_the_user(models: beds.Models) -> None:
    ann = models.user(name="ann").save()
    row = models.connection(user=ann, provider_id="acme", provider_user_id="7").save()
    assert row.user_id == ann.pk
    models.user._get_collection().delete_many({})
    assert models.connection.objects.first().user_id == ann.pk
    assert models.connection().user_id is None
    assert repr(row) == "<Connection: acme:7>"


def test_a_new_row_has_its_defaults(models: beds.Models) -> None:
    row = models.connection()
    assert (row.version, row.needs_reauth, row.email_verified) == (1, False, False)
    assert row.created_at == row.updated_at > 0


def test_a_spent_flow_is_found_by_its_hash(models: beds.Models) -> None:
    models.flow(key_hash="f" * 64, expires_at=10).save()
    document: Any = models.flow._get_collection().find_one({"_id": "f" * 64})
    assert document["expires_at"] == 10
