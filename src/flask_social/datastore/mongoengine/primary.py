"""How this store reads and writes, whatever the application's own queries are content with."""

from __future__ import annotations

from typing import Any

from pymongo import ReadPreference, WriteConcern
from pymongo.collection import Collection

PATIENCE = 10_000
"""Milliseconds that most servers of a replica set may take to have what was written."""
LASTING: dict[str, Any] = {"w": "majority", "wtimeout": PATIENCE}
"""A token that was given away must not be forgotten by the next server to become the primary."""


def primary(collection: Any) -> Collection[Any]:
    """*collection*, read from the primary server, and written to most of its replica set."""
    made: Collection[Any] = collection.with_options(
        read_preference=ReadPreference.PRIMARY, write_concern=WriteConcern(**LASTING)
    )
    return made
