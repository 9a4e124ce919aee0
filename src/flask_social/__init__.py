"""Social accounts for Flask and Flask-Security: connect, log in, call the provider's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core import Social
from .errors import (
    ConfigurationError,
    Denied,
    FlowStopped,
    ProviderError,
    ProviderUnavailable,
    ReconnectNeeded,
    SocialError,
    StoreUnavailable,
)
from .signals import (
    connection_broken,
    connection_created,
    connection_denied,
    connection_failed,
    connection_removed,
    connection_updated,
    flow_rejected,
    login_completed,
    login_denied,
    login_failed,
    provider_failed,
    store_failed,
)
from .values import Connection, Grant, Identity, Token

if TYPE_CHECKING:
    from .datastore.mongoengine import MongoEngineConnectionDatastore
    from .datastore.peewee import PeeweeConnectionDatastore
    from .datastore.redis_ledger import RedisLedger
    from .datastore.sqlalchemy import SQLAlchemyConnectionDatastore

__all__ = [
    "ConfigurationError",
    "Connection",
    "Denied",
    "FlowStopped",
    "Grant",
    "Identity",
    "MongoEngineConnectionDatastore",
    "PeeweeConnectionDatastore",
    "ProviderError",
    "ProviderUnavailable",
    "ReconnectNeeded",
    "RedisLedger",
    "SQLAlchemyConnectionDatastore",
    "Social",
    "SocialError",
    "StoreUnavailable",
    "Token",
    "connection_broken",
    "connection_created",
    "connection_denied",
    "connection_failed",
    "connection_removed",
    "connection_updated",
    "flow_rejected",
    "login_completed",
    "login_denied",
    "login_failed",
    "provider_failed",
    "store_failed",
]


def __getattr__(name: str) -> Any:
    """The datastores and RedisLedger, each imported with what it speaks to when it is asked for."""
    if name == "SQLAlchemyConnectionDatastore":
        from .datastore import SQLAlchemyConnectionDatastore

        return SQLAlchemyConnectionDatastore
    if name == "MongoEngineConnectionDatastore":
        from .datastore import MongoEngineConnectionDatastore

        return MongoEngineConnectionDatastore
    if name == "PeeweeConnectionDatastore":
        from .datastore import PeeweeConnectionDatastore

        return PeeweeConnectionDatastore
    if name == "RedisLedger":
        from .flows.ledger import RedisLedger

        return RedisLedger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
