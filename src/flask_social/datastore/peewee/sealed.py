"""Tokens of a model's rows: sealed in the database, open in memory.

Whatever loads a row gives the field what the database has, and whatever writes one asks the field
for it. So the fields of the application's model, of the mixin or its own, are told once, by the
store, to seal and to open, and the model's attributes to show what is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from peewee import FieldAccessor

from ...values import Secret, Unreadable
from ..filters import ACCOUNT
from ..sealing import TokenSealing
from ..tokens import TOKENS


class Stored(Secret):
    """A token as the database has it, sealed or not."""

    __slots__ = ()


class Held(Secret):
    """A token in a row, open. It knows the row, which sealing it is about."""

    __slots__ = ("account", "row", "stored")

    row: Any
    stored: str | None
    """What the database has for it, as far as is known,"""
    account: tuple[Any, ...]
    """and what account it was sealed for."""


def hold_tokens(model: Any, sealing: TokenSealing) -> None:
    """Let the token attributes of *model* be open, by *sealing*, and its columns be sealed."""
    for name, field in model._meta.fields.items():
        accessor = vars(model).get(name)
        if name in TOKENS:
            if not isinstance(accessor, TokenAccessor):
                accessor = TokenAccessor(model, field, name)
                setattr(model, name, accessor)
            accessor.sealing = sealing
        elif name in ACCOUNT and not isinstance(accessor, AccountAccessor):
            setattr(model, name, AccountAccessor(model, field, name))


def show(row: Any, name: str, value: Any) -> None:
    """Let *row*, in memory, have *value* in a column, as if that had been loaded."""
    setattr(row, name, Stored(value) if name in TOKENS and value is not None else value)
    row._dirty.discard(name)


def restore(row: Any, before: dict[str, Any], dirty: Iterable[str] = ()) -> None:
    """Let *row*, in memory, have what it had *before*, with these *dirty* fields."""
    row.__data__.clear()
    row.__data__.update(before)
    row._dirty.update(dirty)


def is_new(row: Any) -> bool:
    """Whether *row* is in no database yet: its key is not there, or nobody has written it."""
    names = [field.name for field in row._meta.get_primary_keys()]
    return any(row.__data__.get(name) is None or name in row._dirty for name in names)


class TokenAccessor(FieldAccessor):
    """The attribute of a token column."""

    sealing: TokenSealing

    def __init__(self, model: Any, field: Any, name: str) -> None:
        super().__init__(model, field, name)
        _teach(field, self.seal)

    def __get__(self, row: Any, kind: Any = None) -> Any:
        if row is None:
            return self.field
        token = row.__data__.get(self.name)
        if isinstance(token, Stored):
            opened = self.sealing.read(_account(row), self.name, token)
            if opened is None or isinstance(opened, Unreadable):
                return opened
            token = self._hold(row, opened, token)
        return Secret(token) if isinstance(token, str) else token

    def __set__(self, row: Any, token: Any) -> None:
        """What is loaded comes by here as well; an unreadable one replaces nothing."""
        if isinstance(token, Unreadable):
            row.__data__.setdefault(self.name, None)
            return
        if isinstance(token, str) and not isinstance(token, Stored):
            self._hold(row, token, None)
        else:
            row.__data__[self.name] = token
        row._dirty.add(self.name)

    def seal(self, token: Held) -> str | None:
        """What the database is given for *token*: what it has, where that is as it should be."""
        if not token:
            return ""
        account = _account(token.row)
        if token.account == tuple(account.values()) and self.sealing.is_current(token.stored):
            return token.stored
        return self.sealing.write(account, self.name, Secret(token))

    def _hold(self, row: Any, token: str, stored: str | None) -> Held:
        held = row.__data__[self.name] = Held(token)
        held.row, held.stored = row, stored
        held.account = tuple(_account(row).values()) if stored is not None else ()
        return held


class AccountAccessor(FieldAccessor):
    """An attribute that tokens are bound to: where it changes, they are sealed anew."""

    def __set__(self, row: Any, value: Any) -> None:
        if row.__data__.get(self.name) not in (None, value):
            tokens = [name for name in TOKENS if name in row._meta.fields]
            for name, stored in _missing(row, tokens).items():
                row.__data__[name] = stored
            for name in tokens:
                getattr(row, name)  # open it, while it can be
                if isinstance(row.__data__.get(name), Held):
                    row._dirty.add(name)
        super().__set__(row, value)


def _account(row: Any) -> dict[str, Any]:
    """Whose *row* is. A query for some columns alone may have left that out."""
    row.__data__.update(_missing(row, ACCOUNT))
    return {name: row.__data__.get(name) for name in ACCOUNT}


def _missing(row: Any, names: Sequence[str]) -> dict[str, Any]:
    """What the database has for those of *names* that *row* was loaded without."""
    absent = [name for name in names if name not in row.__data__]
    if not absent or is_new(row):
        return {}
    fields = [row._meta.fields[name] for name in absent]
    return type(row).select(*fields).where(row._pk_expr()).dicts().first() or {}


def _teach(field: Any, seal: Callable[[Held], str | None]) -> None:
    """Let *field* tell what is loaded from what is set, and seal what is written."""
    adapted, loaded, null = field.db_value, field.python_value, field.null

    def db_value(value: Any) -> Any:
        if isinstance(value, Held):
            value = seal(value)
            if value is None and not null:
                value = ""
        return adapted(value)

    def python_value(value: Any) -> Stored | None:
        return None if value is None else Stored(loaded(value))

    field.db_value, field.python_value = db_value, python_value
