"""Envelopes in the table, open tokens in memory: hooks of the ORM on the application's own model.

A row is opened when SQLAlchemy loads or refreshes it. For the INSERT or UPDATE itself the tokens
that are written are put into the row sealed, and right after it they are open again; where the
flush failed, when its transaction is undone.

What passes by the ORM's rows passes by the hooks: a query for a column alone gives what is stored,
and ``insert(Connection)``, ``update(Connection)`` and ``bulk_save_objects()`` store a token
plainly, which the next write of the row seals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.attributes import flag_modified, set_attribute, set_committed_value

from ...values import Secret, Unreadable
from ..filters import ACCOUNT
from ..sealing import TokenSealing
from ..tokens import StoredToken
from .columns import ModelColumns

HOOKS = "flask_social_hooks"
"""Of a mapped class: its one set of hooks."""
KEPT = "flask_social_kept"
"""Of a row: what the database has, and what it was opened to."""
LENT = "flask_social_lent"
"""Of a session: the rows that are sealed for the statement that is being sent."""


class Kept(NamedTuple):
    """One token of a row."""

    stored: str | None
    opened: Secret | None


def hooked(columns: ModelColumns) -> SealedRows:
    """The hooks of a model: one set, however many stores are made for it one after the other."""
    places = columns.mapper.class_manager.info
    if HOOKS not in places:
        places[HOOKS] = SealedRows(columns)
    rows: SealedRows = places[HOOKS]
    return rows


class SealedRows:
    """The hooks of one model."""

    sealing: TokenSealing
    """That of the store that was made last."""

    def __init__(self, columns: ModelColumns) -> None:
        self._columns = columns
        self._watches = False
        hooks: dict[str, Callable[..., None]] = {
            "load": self._loaded,
            "refresh": self._loaded,
            "before_insert": self._seal_new,
            "before_update": self._seal_changed,
            "after_insert": self._open_again,
            "after_update": self._open_again,
        }
        for name, hook in hooks.items():
            reading = {"restore_load_context": True} if hook == self._loaded else {}
            sa.event.listen(columns.model, name, hook, raw=True, propagate=True, **reading)

    def show(self, row: Any, token: StoredToken) -> None:
        """Let *row* be as *token* says, as if it had been loaded so."""
        kept = _kept(sa.inspect(row))
        for name in self._columns.stored.keys() - ACCOUNT:
            set_committed_value(row, self._columns.attribute(name), getattr(token, name))
        for name in self._columns.tokens:
            kept[name] = Kept(token.stored.get(name), getattr(token, name))

    def outdated(self, row: Any) -> dict[str, Any]:
        """The tokens that the next UPDATE of *row* seals besides those that it changes."""
        kept, is_current = _kept(sa.inspect(row)), self.sealing.is_current
        return {name: each.opened for name, each in kept.items() if not is_current(each.stored)}

    def _loaded(self, state: InstanceState[Any], _context: Any, loaded: Any = None) -> None:
        row = state.obj()
        self._watch()
        for name, key in self._columns.tokens.items():
            if key not in state.dict or (loaded is not None and key not in loaded):
                continue
            stored, kept = state.dict[key], _kept(state).get(name)
            if stored is None:
                _kept(state).pop(name, None)
            elif kept is None or stored is not kept.opened:
                opened = self.sealing.read(self._account_in_the_table(state), name, stored)
                _kept(state)[name] = Kept(stored, opened)
                set_committed_value(row, key, opened)

    def _watch(self) -> None:
        """Have whose a row was at hand when it becomes another account's, were it expired by then.

        What the attributes are called is known once a row was loaded.
        """
        if not self._watches:
            self._watches = True
            for name in ACCOUNT:
                attribute = getattr(self._columns.model, self._columns.attribute(name))
                sa.event.listen(attribute, "set", _noted, active_history=True, propagate=True)

    def _seal_new(self, _mapper: Any, _connection: Any, state: InstanceState[Any]) -> None:
        for name, key in self._columns.tokens.items():
            if isinstance(state.dict.get(key), str):
                self._lend(state, name, key)

    def _seal_changed(self, _mapper: Any, connection: Any, state: InstanceState[Any]) -> None:
        """Seal what is new, and with it what the row has plainly or under an older key."""
        row, session = state.obj(), state.session
        if row is None or session is None or not session.is_modified(row):
            return
        moved = any(_changed(state, self._columns.attribute(name)) for name in ACCOUNT)
        due = list(self._due(state, moved))
        for name, key, is_new in due:
            if not is_new and not moved and (kept := _kept(state).get(name)) is not None:
                self._seal_in_place(connection, state, name, kept)
                continue
            if not is_new:
                flag_modified(row, key)
            self._lend(state, name, key)
        if any(is_new for *_, is_new in due):
            self._count(state)

    def _seal_in_place(
        self, connection: sa.Connection, state: InstanceState[Any], name: str, kept: Kept
    ) -> None:
        """Seal what the table has, unless that is another token by now.

        The row in memory may be older than a refresh, and would write the token before it back.
        """
        account = {each: getattr(state.obj(), each) for each in ACCOUNT}
        sealed = self.sealing.write(account, name, kept.opened)
        column, mapper = self._columns.stored[name], self._columns.mapper
        keys = zip(mapper.primary_key, state.identity or (), strict=True)
        where = [column == kept.stored, *(key == part for key, part in keys)]
        update = sa.update(mapper.local_table).where(*where)  # type: ignore[arg-type]  # a table
        if connection.execute(update.values({column: sealed})).rowcount == 1:
            _kept(state)[name] = Kept(sealed, kept.opened)

    def _due(self, state: InstanceState[Any], moved: bool) -> Iterator[tuple[str, str, bool]]:
        """Name and attribute of the tokens to seal, and whether the value is a new one."""
        for name, key in self._columns.tokens.items():
            # What is not loaded yet would stay sealed for the account that the row had.
            value = getattr(state.obj(), key) if moved else state.dict.get(key)
            is_new = _changed(state, key)
            if isinstance(value, Unreadable) and self.sealing.keeps:
                if is_new:  # it is not a token: what is stored stays
                    set_committed_value(state.obj(), key, value)
            elif isinstance(value, str):
                kept = _kept(state).get(name)
                is_current = kept is not None and self.sealing.is_current(kept.stored)
                if is_new or moved or not is_current:
                    yield name, key, is_new

    def _count(self, state: InstanceState[Any]) -> None:
        """Let a compare-and-swap that read the row before notice what the application wrote."""
        if (count := self._columns.counted()) and not _changed(state, "version"):
            set_attribute(state.obj(), "version", count["version"])

    def _lend(self, state: InstanceState[Any], name: str, key: str) -> None:
        """Put the sealed token into the row for the statement that comes now."""
        value = state.dict[key]
        account = {each: getattr(state.obj(), each) for each in ACCOUNT}
        opened = value if isinstance(value, Secret) else Secret(value)
        kept = Kept(self.sealing.write(account, name, value), opened)
        _lent(state.session)[state, name] = key, kept
        state.dict[key] = kept.stored

    def _open_again(self, _mapper: Any, _connection: Any, state: InstanceState[Any]) -> None:
        for name, key in self._columns.tokens.items():
            if found := _lent(state.session).pop((state, name), None):
                _kept(state)[name] = found[1]
                state.dict[key] = found[1].opened
            elif key in state.dict and state.dict[key] is None:
                _kept(state).pop(name, None)

    def _account_in_the_table(self, state: InstanceState[Any]) -> Mapping[str, Any]:
        """Whose the row is in the database; in memory it may be somebody else's by now."""
        account: dict[str, Any] = {}
        for name in ACCOUNT:
            known = getattr(state.obj(), name)
            history = state.attrs[self._columns.attribute(name)].history
            account[name] = history.deleted[0] if history.deleted else known
        return account


@sa.event.listens_for(Session, "after_soft_rollback")
def _undo(session: Session, _previous: Any) -> None:
    """Open again what a failed flush left sealed. What the session will reload is gone anyway."""
    for (state, _name), (key, kept) in session.info.pop(LENT, {}).items():
        if key in state.dict and state.dict[key] is kept.stored:
            state.dict[key] = kept.opened


def _noted(_row: Any, _value: Any, _before: Any, _initiator: Any) -> None:
    """Nothing: to be listened to is what makes SQLAlchemy load what an attribute was."""


def _changed(state: InstanceState[Any], key: str) -> bool:
    return state.attrs[key].history.has_changes()


def _kept(state: InstanceState[Any]) -> dict[str, Kept]:
    """The tokens of a row by their names."""
    kept: dict[str, Kept] = state.info.setdefault(KEPT, {})
    return kept


def _lent(session: Session | None) -> dict[tuple[InstanceState[Any], str], tuple[str, Kept]]:
    """What a session is writing: row and token -> attribute, and what it is in turn."""
    return {} if session is None else session.info.setdefault(LENT, {})
