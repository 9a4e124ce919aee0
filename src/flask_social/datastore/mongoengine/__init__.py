"""Connections in MongoDB, by MongoEngine.

``store`` is the store itself. It asks ``fields`` what the application's model has, ``documents``
for what becomes of a document in the database, and ``work`` for what its thread has not committed;
``holds`` lets one thread at a time remove a user's connections. ``sealed`` keeps envelopes out of
the application's sight, ``ledger`` keeps spent flows.
"""

from .ledger import MongoEngineLedger
from .store import MongoEngineConnectionDatastore

__all__ = ["MongoEngineConnectionDatastore", "MongoEngineLedger"]
