"""Spent flows kept in this process: enough for one process, and for tests."""

from __future__ import annotations

import hashlib
import threading

from .. import clock

PURGE_EVERY = 60
"""Seconds between two looks for entries that may be forgotten."""


class MemoryLedger:
    """A ledger in this process. Several workers would each have their own."""

    def __init__(self) -> None:
        self._spent: dict[str, int] = {}
        self._guard = threading.Lock()
        self._purge_at = 0

    def spend(self, key: str, expires_at: int) -> bool:
        """Spend *key*: True for the first to come. *expires_at* is seconds since the epoch."""
        entry = hashed(key)
        with self._guard:
            self._purge()
            if entry in self._spent:
                return False
            self._spent[entry] = expires_at
            return True

    def is_spent(self, key: str) -> bool:
        """Whether *key* was spent and is not forgotten yet."""
        with self._guard:
            return hashed(key) in self._spent

    def _purge(self) -> None:
        now = clock.now()
        if now >= self._purge_at:
            self._purge_at = now + PURGE_EVERY
            self._spent = {entry: until for entry, until in self._spent.items() if until > now}


def hashed(key: str) -> str:
    """What a ledger keeps of *key*: its SHA-256, as 64 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()
