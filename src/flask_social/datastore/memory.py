"""Connections, and spent flows, kept in this process: for tests and for trying things out."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from itertools import count
from typing import Any

from .. import clock
from ..values import Secret
from .base import AlreadyConnected, ConnectionDatastore
from .filters import ACCOUNT, checked, is_exact, real_user

TOKENS = ("access_token", "secret", "refresh_token", "id_token")
PURGE_EVERY = 60
"""Seconds between two looks for entries that may be forgotten."""


@dataclass(kw_only=True, eq=False)
class MemoryConnection:
    """A connection with the columns of the shipped mixins. Times are seconds since the epoch."""

    id: int = 0
    user: Any = None
    provider_id: str = ""
    issuer: str | None = None
    provider_user_id: str = ""
    access_token: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    token_type: str | None = None
    scopes: str | None = None
    expires_at: int | None = None
    display_name: str | None = None
    full_name: str | None = None
    email: str | None = None
    email_verified: bool = False
    profile_url: str | None = None
    image_url: str | None = None
    rank: int | None = None
    needs_reauth: bool = False
    version: int = 1
    lease_until: int | None = None
    created_at: int = field(default_factory=clock.now)
    updated_at: int = field(default_factory=clock.now)

    @property
    def user_id(self) -> Any:
        """The user's ``id``, or ``fs_uniquifier`` where there is none."""
        return getattr(self.user, "id", None) or getattr(self.user, "fs_uniquifier", None)


COLUMNS = frozenset(each.name for each in fields(MemoryConnection))


class _Work(threading.local):
    """What one thread has not committed: how to undo it, and what to delete at the commit."""

    def __init__(self) -> None:
        self.undo: list[Callable[[], Any]] = []
        self.doomed: list[Any] = []
        self.holds = False


class MemoryConnectionDatastore(ConnectionDatastore):
    """A store in this process. Users are told apart by ``==`` or by ``fs_uniquifier``.

    Every thread has its own transaction, whose work the others see at once.
    """

    def __init__(self) -> None:
        super().__init__(MemoryConnection)
        self._rows: dict[int, MemoryConnection] = {}
        self._ids = count(1)
        self._guard = threading.RLock()
        self._turn = threading.Lock()
        self._work = _Work()

    def find_connection(self, **filters: Any) -> MemoryConnection | None:
        order = _by_age if "provider_user_id" in filters else _by_rank
        return min(self._matching(filters), key=order, default=None)

    def find_connections(self, **filters: Any) -> Sequence[MemoryConnection]:
        return sorted(self._matching(filters), key=_by_rank)

    def create_connection(self, **values: Any) -> MemoryConnection:
        row = MemoryConnection(**_known(values))
        with self._guard:
            account = {name: getattr(row, name) for name in ACCOUNT}
            if self._matching(account):
                raise AlreadyConnected(f"This account at {row.provider_id} is connected already.")
            return self._keep(row)

    def delete_connection(self, **filters: Any) -> bool:
        checked(filters, needed=True)
        with self._guard:
            row = self.find_connection(**filters)
            return row is not None and self._drop(row)

    def delete_connections(self, **filters: Any) -> bool:
        checked(filters, needed=True)
        with self._guard:
            rows = self._matching(filters)
            for row in rows:
                self._drop(row)
            return bool(rows)

    def update_connection(self, connection: Any, **values: Any) -> Any:
        known = _known(values)
        changed = {name: new for name, new in known.items() if getattr(connection, name) != new}
        if changed:
            bumped = {"version": connection.version + 1, "updated_at": clock.now()} | changed
            before = {name: getattr(connection, name) for name in bumped}
            self._work.undo.append(lambda: vars(connection).update(before))
            vars(connection).update(bumped)
        return connection

    def lock_connections(self, user: Any) -> Sequence[MemoryConnection]:
        if not self._work.holds:
            self._turn.acquire()
            self._work.holds = True
        return self.find_connections(user=user)

    def put(self, model: Any) -> Any:
        if isinstance(model, MemoryConnection) and model.id not in self._rows:
            with self._guard:
                self._keep(model)
        return model

    def delete(self, model: Any) -> None:
        self._work.doomed.append(model)

    def commit(self) -> None:
        with self._guard:
            for row in self._work.doomed:
                self._rows.pop(row.id, None)
        self._end()

    def rollback(self) -> None:
        with self._guard:
            for undo in reversed(self._work.undo):
                undo()
        self._end()

    def release(self) -> None:
        """Nothing: no read transaction is ever open here."""

    def delete_orphan(self, **account: Any) -> bool:
        with self._guard:
            orphans = [row for row in self._matching(account) if row.user is None]
            for row in orphans:
                self._drop(row)
            return bool(orphans)

    def _end(self) -> None:
        self._work.undo.clear()
        self._work.doomed.clear()
        if self._work.holds:
            self._work.holds = False
            self._turn.release()

    def _matching(self, filters: Any) -> list[MemoryConnection]:
        checked(filters)
        with self._guard:
            return [row for row in self._rows.values() if _matches(row, filters)]

    def _keep(self, row: MemoryConnection) -> MemoryConnection:
        row.id = next(self._ids)
        self._rows[row.id] = row
        self._work.undo.append(lambda: self._rows.pop(row.id, None))
        return row

    def _drop(self, row: MemoryConnection) -> bool:
        del self._rows[row.id]
        self._work.undo.append(lambda: self._rows.setdefault(row.id, row))
        return True


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


def _known(values: Any) -> dict[str, Any]:
    known = {name: value for name, value in values.items() if name in COLUMNS}
    if "user" in known:
        known["user"] = real_user(known["user"])
    hidden = {name: Secret(known[name]) for name in TOKENS if known.get(name) is not None}
    return known | hidden | {name: str(known[name]) for name in ACCOUNT if name in known}


def _matches(row: MemoryConnection, filters: Any) -> bool:
    if "user" in filters and not _is_same(row.user, real_user(filters["user"])):
        return False
    if "user_id" in filters:
        wanted = filters["user_id"]
        if wanted is None or str(row.user_id) != str(wanted):
            return False
    return is_exact(row, filters)


def _is_same(one: Any, other: Any) -> bool:
    uniquifier = getattr(other, "fs_uniquifier", None)
    same_key = uniquifier is not None and getattr(one, "fs_uniquifier", None) == uniquifier
    return other is not None and (same_key or bool(one == other))


def _by_age(row: MemoryConnection) -> tuple[int, int]:
    return row.created_at, row.id


def _by_rank(row: MemoryConnection) -> tuple[bool, int, int, int]:
    return row.rank is None, row.rank or 0, *_by_age(row)
