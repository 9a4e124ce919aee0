"""Social accounts for Flask and Flask-Security: connect, log in, call the provider's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core import Social
from .errors import ConfigurationError, Denied, FlowStopped, ProviderError, SocialError
from .signals import (
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
)
from .values import Connection, Grant, Identity, Token

if TYPE_CHECKING:
    from .datastore.sqlalchemy import SQLAlchemyConnectionDatastore

__all__ = [
    "ConfigurationError",
    "Connection",
    "Denied",
    "FlowStopped",
    "Grant",
    "Identity",
    "ProviderError",
    "SQLAlchemyConnectionDatastore",
    "Social",
    "SocialError",
    "Token",
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
]


def __getattr__(name: str) -> Any:
    """The datastores, each imported with its ORM when it is asked for."""
    if name == "SQLAlchemyConnectionDatastore":
        from .datastore import SQLAlchemyConnectionDatastore

        return SQLAlchemyConnectionDatastore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
