"""Tokens at rest are stored as the settings now want them: under the first key, or not at all.

It goes row by row, each by compare-and-swap, so that it can run beside the application, end at any
moment and begin again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import clock
from ..datastore.base import ConnectionDatastore
from ..datastore.tokens import BATCH, TOKENS, StoredToken
from .needs import is_leased

PAUSE = 0.5
"""Seconds between two looks at a row that somebody else is writing."""
PATIENCE = 120.0
"""Seconds after which such a row is left as it is."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """The row is as it should be now, but for tokens that no key opens."""

    row: StoredToken
    is_new: bool
    """It was not before."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Others wrote to the row all the time. It is as it was."""

    row: StoredToken


@dataclass(frozen=True, slots=True)
class Gone:
    """The row was deleted meanwhile."""


def batches(store: ConnectionDatastore, after: Any, limit: int = BATCH) -> Iterator[Any]:
    """All rows behind the key *after*, in lists of *limit* at most."""
    while found := store.stored_tokens(after=after, limit=limit):
        yield found
        after = found[-1].key


def rotate(token: StoredToken, store: ConnectionDatastore) -> Rotated | Busy | Gone:
    """Store the tokens of one row as they should be.

    Whoever writes to it meanwhile is not overwritten: the row is read again then. One that is
    being refreshed is waited for, since its new tokens might be lost otherwise.
    """
    row: StoredToken | None = token
    waited = 0.0
    while row is not None:
        if not due(row, store):
            return Rotated(row, is_new=False)
        if not is_leased(row) and (written := store.swap_token(row)) is not None:
            return Rotated(written, is_new=True)
        if waited >= PATIENCE:
            return Busy(row)
        clock.pause(PAUSE)
        waited += PAUSE
        row = store.read_token(row)
    return Gone()


def due(row: StoredToken, store: ConnectionDatastore) -> list[str]:
    """The tokens of *row* that are stored otherwise than they should be, and can be changed."""
    sealing = store.sealing
    stays = row.unreadable if sealing.keeps else ()
    return [
        name
        for name in TOKENS
        if name not in stays and not sealing.is_current(row.stored.get(name))
    ]
