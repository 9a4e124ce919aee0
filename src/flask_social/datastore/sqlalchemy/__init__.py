"""Connections in SQLAlchemy 2: Flask-SQLAlchemy, Flask-SQLAlchemy-Lite or a plain session.

``store`` is the store itself. It asks ``columns`` what the application's model has, and
``transaction`` what is going on in its session. ``ledger`` keeps spent flows beside them.
"""

from .ledger import SQLAlchemyLedger
from .store import SQLAlchemyConnectionDatastore

__all__ = ["SQLAlchemyConnectionDatastore", "SQLAlchemyLedger"]
