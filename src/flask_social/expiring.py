"""Everybody's connections, one after the other, as long runs need them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .datastore.base import ConnectionDatastore


def connections(store: ConnectionDatastore, provider_id: str, before: int | None) -> Iterator[Any]:
    """Each connection to a provider, loaded when its turn comes.

    :param before: only those whose token is known to expire before this time.
    """
    after = None
    while batch := _batch(store, provider_id, after, before):
        for after, subject in batch:  # noqa: B007 - the last key is where the next begins
            found = store.find_connection(provider_id=provider_id, provider_user_id=subject)
            if found is not None and _is_due(found, before):
                yield found
            del found
            store.release()


def _batch(
    store: ConnectionDatastore, provider_id: str, after: Any, before: int | None
) -> list[tuple[Any, str]]:
    """Keys and accounts of the next rows."""
    rows = store.stored_tokens(after=after, provider_id=provider_id, expiring_before=before)
    return [(row.key, row.provider_user_id) for row in rows]


def _is_due(connection: Any, before: int | None) -> bool:
    """Whether *connection*, as it is now, still expires before then."""
    expires_at = getattr(connection, "expires_at", None)
    return before is None or not isinstance(expires_at, int) or expires_at < before


def provider_ids(store: ConnectionDatastore, before: int) -> list[str]:
    """The providers that have a connection whose token expires before this time."""
    found: set[str] = set()
    after = None
    while rows := store.stored_tokens(after=after, expiring_before=before):
        found.update(row.provider_id for row in rows)
        after = rows[-1].key
        store.release()
    return sorted(found)
