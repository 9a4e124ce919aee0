"""One at a time: what is held in the database by one thread of one process, for a while."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from ... import clock
from ..memory_ledger import hashed
from .primary import primary
from .trouble import FAULTS, Overtaken
from .work import Work

LEASE = 30
"""Seconds after which what is held is free again, whatever became of who held it."""
LOOK_EVERY = 0.02
"""Seconds between two looks at what another one holds."""
PATIENCE = 2 * LEASE
"""Seconds of waiting after which nothing is to be had."""


class Holds:
    """A collection beside the connections: one document for each thing that is held.

    Whoever stands still for longer than the lease may find that somebody else went on meanwhile.

    :param collection: gives the connections' collection.
    """

    def __init__(self, collection: Callable[[], Collection[Any]]) -> None:
        self._beside = collection

    @property
    def collection(self) -> Collection[Any]:
        """The driver's collection."""
        beside = self._beside()
        return primary(beside.database[f"{beside.name}_holds"])

    def take(self, work: Work, name: str) -> None:
        """Hold *name* until the work ends; wait while another one holds it.

        :raises Overtaken: when it is never to be had.
        """
        if name in work.holds:
            return
        mine, collection = secrets.token_hex(16), self.collection
        for _ in range(int(PATIENCE / LOOK_EVERY)):
            if _take(collection, hashed(name), mine):
                work.holds[name] = mine
                return
            clock.pause(LOOK_EVERY)
        raise Overtaken("others hold what was to be changed")

    def leave(self, work: Work) -> None:
        """Let others have what the work holds. What cannot be left now is free after the lease."""
        while work.holds:
            name, mine = work.holds.popitem()
            with suppress(*FAULTS):
                self.collection.delete_one({"_id": hashed(name), "holder": mine})


def _take(collection: Collection[Any], key: str, mine: str) -> bool:
    now = clock.now()
    held = {"holder": mine, "until": now + LEASE}
    try:
        collection.insert_one({"_id": key, **held})
    except DuplicateKeyError:
        expired = {"_id": key, "until": {"$lte": now}}
        return bool(collection.update_one(expired, {"$set": held}).matched_count)
    return True
