"""Spent flows in MongoDB."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import mongomock
import pytest
from pymongo.errors import AutoReconnect

from flask_social import clock
from flask_social.datastore.memory_ledger import PURGE_EVERY, hashed
from flask_social.datastore.mongoengine import MongoEngineLedger

from . import mongoengine_beds as beds
from .beds import Bed


@pytest.fixture
def bed() -> Iterator[Bed]:
    yield from beds.mongo(beds.shipped, mongo_client_class=mongomock.MongoClient)


@pytest.fixture
def ledger(bed: Bed) -> Any:
    return bed.store.ledger


def keys(ledger: Any) -> set[str]:
    return {str(each.key_hash) for each in ledger._model.objects}


def test_a_flow_is_spent_by_the_first_to_come(ledger: Any) -> None:
    assert ledger.is_spent("a") is False
    assert ledger.spend("a", 2**33) is True
    assert ledger.spend("a", 2**33) is False
    assert MongoEngineLedger(ledger._model).spend("a", 2**33) is False
    assert ledger.is_spent("a") is True
    assert ledger.spend("b", 2**33) is True


def test_only_the_hash_of_a_flow_is_kept(ledger: Any) -> None:
    ledger.spend("a", 2**33)
    assert keys(ledger) == {hashed("a")}


def test_what_expired_is_forgotten_once_a_minute(ledger: Any) -> None:
    with clock.replaced(lambda: 1000):
        ledger.spend("a", 1010)
        ledger.spend("b", 1100)
    with clock.replaced(lambda: 1011):
        ledger.spend("c", 1100)
        assert len(keys(ledger)) == 3
    with clock.replaced(lambda: 1000 + PURGE_EVERY):
        ledger.spend("d", 1100)
        assert keys(ledger) == {hashed(each) for each in "bcd"}
        assert not ledger.is_spent("a")


def test_a_flow_is_spent_though_what_expired_cannot_be_forgotten(
    ledger: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise AutoReconnect("connection closed")

    monkeypatch.setattr(mongomock.Collection, "delete_many", broken)
    with caplog.at_level(logging.WARNING):
        assert ledger.spend("a", 2**33) is True
    assert "Purging spent flows failed (pymongo.errors.AutoReconnect: conn" in caplog.text


def test_a_store_without_a_flow_model_has_no_ledger() -> None:
    made = beds.mongo(beds.documented, mongo_client_class=mongomock.MongoClient)
    assert next(made).store.ledger is None
    made.close()
