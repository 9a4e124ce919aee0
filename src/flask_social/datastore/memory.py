"""Connections kept in this process: for tests and for trying things out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from .. import clock
from .base import AlreadyConnected, ConnectionDatastore
from .filters import ACCOUNT, checked
from .memory_rows import MemoryConnection, by_age, by_rank, known_of, matches, token_of
from .registrations import MemoryRegistrations
from .tokens import BATCH, TOKENS, StoredToken

__all__ = ["MemoryConnection", "MemoryConnectionDatastore"]


class _Work(threading.local):
    """What one thread has not committed: how to undo it, and what to delete at the commit."""

    def __init__(self) -> None:
        self.undo: list[Callable[[], Any]] = []
        self.doomed: list[Any] = []
        self.holds = False


class MemoryConnectionDatastore(ConnectionDatastore):
    """A store in this process. Users are told apart by ``==`` or by ``fs_uniquifier``.

    Every thread has its own transaction, whose work the others see at once. Nothing is sealed:
    what reads this process's memory finds the keys there as well.
    """

    table = "memory"

    def __init__(self) -> None:
        super().__init__(MemoryConnection)
        self.registrations = MemoryRegistrations()
        self._rows: dict[int, MemoryConnection] = {}
        self._ids = count(1)
        self._guard = threading.RLock()
        self._turn = threading.Lock()
        self._work = _Work()

    def find_connection(self, **filters: Any) -> MemoryConnection | None:
        order = by_age if "provider_user_id" in filters else by_rank
        return min(self._matching(filters), key=order, default=None)

    def find_connections(self, **filters: Any) -> Sequence[MemoryConnection]:
        return sorted(self._matching(filters), key=by_rank)

    def create_connection(self, **values: Any) -> MemoryConnection:
        row = MemoryConnection(**self._known(values))
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
        known = self._known(values)
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

    # The life of a token.

    def read_token(self, connection: Any) -> StoredToken | None:
        key = connection.key if isinstance(connection, StoredToken) else connection.id
        with self._guard:
            row = self._rows.get(key)
            return None if row is None else token_of(row)

    def swap_token(self, token: StoredToken, **values: Any) -> StoredToken | None:
        with self._guard:
            row = self._rows.get(token.key)
            if row is None or row.version != token.version:
                return None
            vars(row).update(self._known(values))
            row.version += 1
            row.updated_at = clock.now()
            return token_of(row)

    def show_token(self, connection: Any, token: StoredToken) -> None:
        """Nothing: what was swapped is the connection itself."""

    def stored_tokens(
        self,
        *,
        after: Any = None,
        limit: int = BATCH,
        provider_id: str | None = None,
        expiring_before: int | None = None,
    ) -> Sequence[StoredToken]:
        def is_due(row: MemoryConnection) -> bool:
            if expiring_before is None:
                return True
            return row.expires_at is not None and row.expires_at < expiring_before

        with self._guard:
            rows = [
                token_of(row)
                for key, row in sorted(self._rows.items())
                if (after is None or key > after)
                and provider_id in (None, row.provider_id)
                and is_due(row)
            ]
        return rows[:limit]

    def _known(self, values: Any) -> dict[str, Any]:
        known = known_of(values)
        return known if self.sealing.keeps else known | dict.fromkeys(TOKENS)

    def _end(self) -> None:
        self._work.undo.clear()
        self._work.doomed.clear()
        if self._work.holds:
            self._work.holds = False
            self._turn.release()

    def _matching(self, filters: Any) -> list[MemoryConnection]:
        checked(filters)
        with self._guard:
            return [row for row in self._rows.values() if matches(row, filters)]

    def _keep(self, row: MemoryConnection) -> MemoryConnection:
        row.id = next(self._ids)
        self._rows[row.id] = row
        self._work.undo.append(lambda: self._rows.pop(row.id, None))
        return row

    def _drop(self, row: MemoryConnection) -> bool:
        del self._rows[row.id]
        self._work.undo.append(lambda: self._rows.setdefault(row.id, row))
        return True
