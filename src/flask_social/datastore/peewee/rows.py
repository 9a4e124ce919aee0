"""One row's token, read and swapped: by queries, past whatever objects there are in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from ...values import Unreadable
from ..drivers import wide_enough
from ..filters import ACCOUNT
from ..sealing import TokenSealing
from ..tokens import TOKENS, StoredToken
from .columns import ModelColumns
from .sealed import Stored
from .trouble import FAULTS, discreet

HELD = tuple(each.name for each in fields(StoredToken) if each.name not in ("key", "stored"))
"""What of a row a :class:`StoredToken` has, by the names of the columns."""


class TokenRows:
    """The rows of one model, as values. Whoever asks sees to the transaction."""

    def __init__(self, columns: ModelColumns, sealing: TokenSealing) -> None:
        self._columns = columns
        self._sealing = sealing

    def read(self, key: Any) -> StoredToken | None:
        """What the row of that primary key holds."""
        row = self.stored(key)
        return None if row is None else self._token(row)

    def stored(self, key: Any, *, lock: Any = None) -> Mapping[str, Any] | None:
        """The columns of :data:`HELD` as the database has them; ``None`` without a row.

        :param lock: how the row is locked, as ``for_update()`` takes it.
        """
        query = self._query().where(self._columns.has_key(key))
        query = query if lock is None else query.for_update(lock)
        rows: list[Mapping[str, Any]] = list(query)
        return rows[0] if rows else None

    def batch(self, criteria: Sequence[Any], limit: int) -> list[StoredToken]:
        """As many rows that meet *criteria*, in the order of their keys."""
        query = self._query().order_by(*self._columns.keys).limit(limit)
        return [self._token(row) for row in (query.where(*criteria) if criteria else query)]

    def criteria(
        self, after: Any, provider_id: str | None, expiring_before: int | None
    ) -> list[Any]:
        """What rows have to meet for a :meth:`batch`: *after* is the key of the last before."""
        model, criteria = self._columns.model, []
        if after is not None:
            criteria.append(self._columns.is_behind(after))
        if provider_id is not None:
            criteria.append(model.provider_id == provider_id)
        if expiring_before is not None:
            criteria.append(model.expires_at < expiring_before)
        return criteria

    def swap(self, token: StoredToken, known: Mapping[str, Any]) -> StoredToken | None:
        """Write *known* into the row that *token* was read from, if it is still like that."""
        row = {**token.stored, **{name: getattr(token, name) for name in ACCOUNT}}
        written = self.sealed(row, known)
        if not written:
            now = self.read(token.key)
            return now if now is not None and self._mark(now) == self._mark(token) else None
        written |= self._columns.bumped(token.version)
        update = self._columns.model.update(written).where(self._columns.has_key(token.key))
        with wide_enough(FAULTS, self._columns.model.__name__, lambda: written), discreet():
            changed = update.where(self._is_still(token)).execute()
        return self.read(token.key) if changed else None

    def changed(
        self, row: Mapping[str, Any], known: Mapping[str, Any], connection: Any
    ) -> dict[str, Any]:
        """What of *known* is not in *row* yet. *connection*, in memory, may be older than that."""
        now = {name: row[name] for name in known if name in row}
        now |= {name: self._sealing.read(row, name, now[name]) for name in TOKENS if name in now}
        return {
            name: new
            for name, new in known.items()
            if (now[name] if name in now else getattr(connection, name)) != new
        }

    def sealed(self, row: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        """*known* as the database is given it, with every token of *row* that is to be sealed anew.

        :param row: as :meth:`stored` gives it.
        """
        sealing = self._sealing
        tokens: dict[str, Any] = {name: known[name] for name in TOKENS if name in known}
        for name in self._columns.tokens:
            stored = row.get(name)
            if name in known or not stored or sealing.is_current(stored):
                continue
            token = sealing.read(row, name, stored)
            if not (sealing.keeps and isinstance(token, Unreadable)):
                tokens[name] = token
        written = {name: sealing.write(row, name, token or None) for name, token in tokens.items()}
        return {**known, **{name: self._fitting(name, text) for name, text in written.items()}}

    def _fitting(self, name: str, text: str | None) -> Stored | None:
        if text is None:
            return None if self._columns.fields[name].null else Stored("")
        return Stored(text)

    def _query(self) -> Any:
        held = [name for name in HELD if name in self._columns.fields and self._columns.has(name)]
        names = dict.fromkeys([*(field.name for field in self._columns.keys), *held])
        return self._columns.model.select(*map(self._columns.fields.get, names)).dicts()

    def _is_still(self, token: StoredToken) -> Any:
        """Whether a row is as *token* was. What it stores tells, where it does not count."""
        fields = self._columns.fields
        name, value = self._mark(token)
        return fields[name].is_null() if value is None else fields[name] == value

    def _mark(self, token: StoredToken) -> tuple[str, Any]:
        if self._columns.is_versioned:
            return "version", token.version
        return "access_token", token.stored["access_token"]

    def _token(self, row: Mapping[str, Any]) -> StoredToken:
        values = {name: row[name] for name in HELD if name in row}
        stored = {name: values.get(name) for name in TOKENS}
        values |= {name: str(values[name]) for name in ACCOUNT}
        values |= {name: self._sealing.read(row, name, stored[name]) for name in TOKENS}
        values["needs_reauth"] = bool(values.get("needs_reauth"))
        key = tuple(row[field.name] for field in self._columns.keys)
        return StoredToken(key=key if len(key) > 1 else key[0], stored=stored, **values)
