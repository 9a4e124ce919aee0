"""What becomes of judged rows in the store, a batch at a time: each is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..datastore.base import AlreadyConnected, Conflict, ConnectionDatastore
from ..datastore.tokens import TOKENS
from ..datastore.trouble import twice
from ..errors import ColumnTooShort, StoreUnavailable
from .entries import Entry, Note, Outcome
from .users import Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Settler:
    """Writes the rows of a table into a store, or finds out what writing them would come to."""

    store: ConnectionDatastore
    users: Users
    write: bool = False
    in_place: bool = False
    """The table is the store's own: its rows are connections already."""

    @property
    def _refusals(self) -> tuple[type[Exception], ...]:
        return (Conflict, ColumnTooShort, *self.store.faults)

    def settle(self, batch: Sequence[Entry]) -> list[Entry]:
        """*batch*, each entry with what became of it. What was written is committed.

        :raises StoreUnavailable: when the database is away. What was committed before is whole.
        """
        try:
            return self._together(batch)
        except self._refusals as error:
            self._give_up(error)
        # The database refuses one of them. By itself it takes no others with it.
        return [self._alone(entry) for entry in batch]

    def _alone(self, entry: Entry) -> Entry:
        try:
            [done] = self._together([entry])
        except self._refusals as error:
            self._give_up(error)
            return replace(entry, outcome=Outcome.REFUSED, because=self.store.told(error))
        return done

    def _give_up(self, error: Exception) -> None:
        """Undo what was not committed. :raises StoreUnavailable: if *error* is nobody's mistake."""
        self.store.rollback()
        if self.store.trouble(error) is not None:
            raise StoreUnavailable(self.store.told(error)) from None

    def _together(self, batch: Sequence[Entry]) -> list[Entry]:
        def work() -> list[Entry]:
            here = [self._met(entry) for entry in batch]
            done = [self._written(entry, *met) for entry, met in zip(batch, here, strict=True)]
            if self.write:
                self.store.commit()
            else:
                self.store.rollback()
            return done

        return twice(work, self.store.trouble, self.store.rollback)

    def _met(self, entry: Entry) -> tuple[Any, Any]:
        """The connection of the entry's account and its user, as they are here."""
        if entry.outcome is not Outcome.IMPORTED:
            return None, None
        return self.store.find_connection(**_account(entry)), self.users.find(entry.user)

    def _written(self, entry: Entry, row: Any, user: Any) -> Entry:
        if entry.outcome is not Outcome.IMPORTED:
            return entry
        if user is None:
            return replace(entry, outcome=Outcome.USER_GONE)
        if row is not None:
            return self._repaired(entry, row) if self.in_place else _there(entry, row, user)
        if self.write:
            try:
                self.store.create_connection(user=user, **entry.values)
            except AlreadyConnected:
                return _there(entry, self.store.find_newest(**_account(entry)), user)
        return entry

    def _repaired(self, entry: Entry, row: Any) -> Entry:
        """*entry*, whose *row* lacks what the old library did not know, and has no use of a stump.

        The model may lack columns for that.
        """
        wanted: dict[str, Any] = {}
        if not getattr(row, "issuer", None):
            wanted["issuer"] = entry.values["issuer"]
        if Note.CUT in entry.notes:
            wanted |= {**dict.fromkeys(TOKENS), "needs_reauth": True}
        changes = {
            name: value for name, value in wanted.items() if getattr(row, name, value) != value
        }
        if not changes:
            return replace(entry, outcome=Outcome.PRESENT)
        if self.write:
            self.store.update_connection(row, **changes)
        return replace(entry, outcome=Outcome.REPAIRED)


def _there(entry: Entry, row: Any, user: Any) -> Entry:
    """*entry*, whose account has *row* here already."""
    mine = row is not None and row.user == user
    return replace(entry, outcome=Outcome.PRESENT if mine else Outcome.SOMEBODY_ELSES)


def _account(entry: Entry) -> dict[str, Any]:
    return {"provider_id": entry.provider_id, "provider_user_id": entry.subject}
