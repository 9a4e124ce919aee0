"""Connections in SQLAlchemy 2: Flask-SQLAlchemy, Flask-SQLAlchemy-Lite or a plain session.

``store`` is the store itself. It asks ``columns`` what the application's model has,
``transaction`` what is going on in its session, and ``held`` for rows as they are now. ``sealed``
keeps tokens sealed in the table and open in memory, ``rows`` reads and swaps them in transactions
of their own. ``ledger`` keeps spent flows beside them.
"""

from .ledger import SQLAlchemyLedger
from .store import SQLAlchemyConnectionDatastore

__all__ = ["SQLAlchemyConnectionDatastore", "SQLAlchemyLedger"]
