"""Spent flows in a collection of the application's database."""

from __future__ import annotations

import logging
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, PyMongoError

from ... import clock
from ..memory_ledger import PURGE_EVERY, hashed
from .primary import primary
from .trouble import told

logger = logging.getLogger("flask_social")


class MongoEngineLedger:
    """A ledger for all processes: the hash of a flow is the key of a document, which one inserts.

    :param flow_model: a model with the fields of ``FlowMixin``.
    """

    def __init__(self, flow_model: Any) -> None:
        self._model = flow_model
        self._purge_at = 0

    def spend(self, key: str, expires_at: int) -> bool:
        """Spend *key*, in all processes: True for the first to come, and only once it is written.

        :param expires_at: when the entry may be forgotten, in seconds since the epoch.
        """
        collection = self._collection()
        entry = {"_id": hashed(key), self._model.expires_at.db_field: expires_at}
        try:
            collection.insert_one(entry)
        except DuplicateKeyError:
            return False
        self._purge(collection)
        return True

    def is_spent(self, key: str) -> bool:
        """Whether *key* was spent and is not forgotten yet."""
        return self._collection().find_one({"_id": hashed(key)}) is not None

    def _collection(self) -> Collection[Any]:
        return primary(self._model._get_collection())

    def _purge(self, collection: Collection[Any]) -> None:
        """Forget what expired, once a minute.

        By our clock, as everything about a flow: a TTL index would go by the server's.
        """
        now = clock.now()
        if now < self._purge_at:
            return
        self._purge_at = now + PURGE_EVERY
        try:
            collection.delete_many({self._model.expires_at.db_field: {"$lte": now}})
        except PyMongoError as error:
            logger.warning("Purging spent flows failed (%s); tried again in a minute.", told(error))
