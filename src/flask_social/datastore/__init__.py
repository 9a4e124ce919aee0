"""Where connections are kept: one module per ORM, one contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .base import ConnectionDatastore

if TYPE_CHECKING:
    from .mongoengine import MongoEngineConnectionDatastore
    from .peewee import PeeweeConnectionDatastore
    from .sqlalchemy import SQLAlchemyConnectionDatastore

__all__ = [
    "ConnectionDatastore",
    "MongoEngineConnectionDatastore",
    "PeeweeConnectionDatastore",
    "SQLAlchemyConnectionDatastore",
]


def __getattr__(name: str) -> Any:
    """The datastores, each imported with its ORM when it is asked for."""
    if name == "SQLAlchemyConnectionDatastore":
        from .sqlalchemy import SQLAlchemyConnectionDatastore

        return SQLAlchemyConnectionDatastore
    if name == "MongoEngineConnectionDatastore":
        from .mongoengine import MongoEngineConnectionDatastore

        return MongoEngineConnectionDatastore
    if name == "PeeweeConnectionDatastore":
        from .peewee import PeeweeConnectionDatastore

        return PeeweeConnectionDatastore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
