"""What providers gave an application that registered there at run time (RFC 7591).

An instance of Mastodon, say, is named by a visitor; the application registers there once, and what
it got is kept for everybody who comes from that instance later.
"""

from __future__ import annotations

import hashlib
import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .. import clock
from ..values import Discreet
from .sealing import TokenSealing

_SECRET = "registered client_secret"
"""The column's name in what its envelope is bound to; no token's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRegistration(Discreet):
    """A client that the application has at *host*."""

    provider_id: str
    host: str
    """As in an address: with the port, if it is not the usual one."""
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = ()
    """What it may be used with, and so the next."""
    scopes: tuple[str, ...] = ()
    created_at: int = field(default_factory=clock.now)
    """Seconds since the epoch, like the next."""
    expires_at: int | None = None
    """When the secret is of no use any more; ``None`` where it lasts."""
    version: int = 1
    """Grows whenever it is replaced."""

    @property
    def key(self) -> str:
        """What it is kept under: the hash of whose it is and where."""
        return key_of(self.provider_id, self.host)


def key_of(provider_id: str, host: str) -> str:
    """The key of the registration for *provider_id* at *host*, as 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps([provider_id, host]).encode()).hexdigest()


class Registrations(Protocol):
    """Keeps one registration for each instance of a provider.

    Like a ledger it has transactions of its own: the application's is neither committed nor lost.
    """

    def find(self, provider_id: str, host: str) -> ClientRegistration | None:
        """The registration at *host*; ``None`` when there is none."""

    def put(self, registration: ClientRegistration) -> ClientRegistration:
        """Keep *registration*, atomically, unless there is one for its instance by now.

        :returns: the one that is kept, and is to be used.
        """

    def swap(self, old: ClientRegistration, new: ClientRegistration) -> ClientRegistration:
        """Keep *new* in place of *old*, atomically, unless somebody replaced that by now.

        :returns: the one that is kept, and is to be used.
        """

    def count(self, since: int) -> int:
        """How many were made, or replaced, at *since* or later, in seconds since the epoch."""

    def reseal(self) -> int:
        """Seal every secret under the first key. How many were not."""


class MemoryRegistrations:
    """Registrations in this process: for one process, and for tests."""

    def __init__(self) -> None:
        self._kept: dict[str, ClientRegistration] = {}
        self._guard = threading.Lock()

    def find(self, provider_id: str, host: str) -> ClientRegistration | None:
        return self._kept.get(key_of(provider_id, host))

    def put(self, registration: ClientRegistration) -> ClientRegistration:
        return self._kept.setdefault(registration.key, registration)

    def swap(self, old: ClientRegistration, new: ClientRegistration) -> ClientRegistration:
        with self._guard:
            kept = self._kept.get(old.key)
            if kept is not None and kept.version != old.version:
                return kept
            self._kept[old.key] = replace(new, version=old.version + 1)
            return self._kept[old.key]

    def count(self, since: int) -> int:
        return sum(each.created_at >= since for each in list(self._kept.values()))

    def reseal(self) -> int:
        return 0


class StoredRegistrations(ABC):
    """Registrations in a table or collection; subclasses speak to one ORM.

    A row has the columns of ``RegistrationMixin``, by their names. A database in memory has but one
    connection, and but one process, so memory serves it instead, as it does the ledger.
    """

    def __init__(self, sealing: TokenSealing) -> None:
        self._sealing = sealing
        self._memory = MemoryRegistrations()

    def find(self, provider_id: str, host: str) -> ClientRegistration | None:
        if self._is_in_memory():
            return self._memory.find(provider_id, host)
        row = self._row(key_of(provider_id, host))
        return None if row is None else self._opened(row)

    def put(self, registration: ClientRegistration) -> ClientRegistration:
        if self._is_in_memory():
            return self._memory.put(registration)
        first = replace(registration, version=1)
        return first if self._insert(self._sealed(first)) else self._newest(first)

    def swap(self, old: ClientRegistration, new: ClientRegistration) -> ClientRegistration:
        if self._is_in_memory():
            return self._memory.swap(old, new)
        following = replace(new, version=old.version + 1)
        row = self._sealed(following)
        return following if self._update(row, old.version) else self._newest(following)

    def count(self, since: int) -> int:
        return self._memory.count(since) if self._is_in_memory() else self._count(since)

    def reseal(self) -> int:
        changed = 0
        for row in [] if self._is_in_memory() else list(self._rows()):
            if not self._sealing.is_sealed_now(row["client_secret"]):
                kept = self._opened(row)
                if kept.client_secret:
                    changed += self._update(self._sealed(kept), kept.version)
        return changed

    def _newest(self, overtaken: ClientRegistration) -> ClientRegistration:
        return self.find(overtaken.provider_id, overtaken.host) or overtaken

    def _sealed(self, registration: ClientRegistration) -> dict[str, Any]:
        """*registration* as a row, its secret as the database is given it."""
        secret = registration.client_secret
        row = {
            "key_hash": registration.key,
            "provider_id": registration.provider_id,
            "host": registration.host,
            "client_id": registration.client_id,
            "redirect_uris": " ".join(registration.redirect_uris),
            "scopes": " ".join(registration.scopes),
            "created_at": registration.created_at,
            "expires_at": registration.expires_at,
            "version": registration.version,
        }
        sealed = None if secret is None else self._sealing.seal(_account(row), _SECRET, secret)
        return {**row, "client_secret": sealed}

    def _opened(self, row: Mapping[str, Any]) -> ClientRegistration:
        return ClientRegistration(
            provider_id=str(row["provider_id"]),
            host=str(row["host"]),
            client_id=str(row["client_id"]),
            client_secret=self._sealing.read(_account(row), _SECRET, row["client_secret"]),
            redirect_uris=tuple(str(row["redirect_uris"] or "").split()),
            scopes=tuple(str(row["scopes"] or "").split()),
            created_at=int(row["created_at"]),
            expires_at=row["expires_at"],
            version=int(row["version"]),
        )

    def _is_in_memory(self) -> bool:
        """Whether every user of the database shares one connection."""
        return False

    @abstractmethod
    def _count(self, since: int) -> int:
        """How many rows were written at *since* or later."""

    @abstractmethod
    def _row(self, key: str) -> Mapping[str, Any] | None:
        """The row with this *key*."""

    @abstractmethod
    def _rows(self) -> Iterable[Mapping[str, Any]]:
        """All rows."""

    @abstractmethod
    def _insert(self, row: Mapping[str, Any]) -> bool:
        """Write *row*; False when there is one with its key."""

    @abstractmethod
    def _update(self, row: Mapping[str, Any], version: int) -> bool:
        """Write *row* over the one with its key, if that is of this *version*."""


def _account(row: Mapping[str, Any]) -> dict[str, Any]:
    """What an envelope is bound to besides the table and the column."""
    return {"provider_id": row["provider_id"], "provider_user_id": row["host"]}
