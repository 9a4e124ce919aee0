"""Where spent flows are remembered.

The application chooses; the first of these that is there is used:

1. ``SOCIAL_LEDGER``: a :class:`RedisLedger`, or an object of its own with the two methods of
   ``Ledger``.
2. The store's: ``SQLAlchemyConnectionDatastore(db, Connection, flow_model=SpentFlow)`` keeps a
   table beside the connections.
3. :class:`MemoryLedger`, for one process only; outside debug and testing the start warns of it.
"""

from __future__ import annotations

from ..datastore.base import Ledger
from ..datastore.memory_ledger import MemoryLedger
from ..datastore.redis_ledger import RedisLedger

__all__ = ["Ledger", "MemoryLedger", "RedisLedger"]
