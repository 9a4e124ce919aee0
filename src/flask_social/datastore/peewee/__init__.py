"""Connections in Peewee 3.17 and later: ``playhouse.flask_utils.FlaskDB`` or a plain database.

``store`` is the store itself. It asks ``columns`` what the application's model has, ``rows`` reads
and writes tokens, ``sealed`` keeps them sealed in the database and open in memory. ``transaction``
is what Peewee, which commits by itself, has no name for: the writes of one outcome. ``ledger``
keeps spent flows beside them.
"""

from .ledger import PeeweeLedger
from .store import PeeweeConnectionDatastore

__all__ = ["PeeweeConnectionDatastore", "PeeweeLedger"]
