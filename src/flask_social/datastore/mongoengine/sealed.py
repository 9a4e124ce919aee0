"""Envelopes are in the database alone: what a connection model does on the way there and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...values import Unreadable
from ..filters import ACCOUNT
from ..sealing import PREFIX, TokenSealing
from .fields import ModelFields

MARK = "_social_seals"


class Seals:
    """What :func:`attach` puts between one model and its documents."""

    def __init__(self, fields: ModelFields, sealing: TokenSealing) -> None:
        self.fields = fields
        self.sealing = sealing

    def close(self, row: Any, document: Any, *, by_raw_name: bool) -> Any:
        """*document*, which *row* is to be written as, with its tokens sealed."""
        account = None
        for name in self.fields.tokens:
            key = self.fields.raw(name) if by_raw_name else name
            if document.get(key) is None:
                continue
            account = account or self._account_of(row)
            sealed = self.sealing.write(account, name, document[key])
            if sealed is None:
                del document[key]
            else:
                document[key] = str(sealed)
        return document

    def follow(self, row: Any) -> None:
        """Let the tokens of *row* be written as well, where it becomes another account's.

        They are sealed for the one that it had. Those that no key opens stay so.
        """
        raw, changed = self.fields.raw, getattr(row, "_changed_fields", [])
        if row.pk is None or not any(raw(name) in changed for name in ACCOUNT):
            return
        due = [name for name in self.fields.tokens if raw(name) not in changed]
        if any(row._data.get(name) is None for name in due):  # a query for some fields alone
            there = self.open(self._in_the_database(row.pk, [*ACCOUNT, *due]))
            row._data.update({name: there[raw(name)] for name in due if raw(name) in there})
        changed += [raw(name) for name in due if row._data.get(name)]

    def open(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of *document*, as the database has it, with its tokens open."""
        opened = dict(document)
        account = None
        for name in self.fields.tokens:
            if (stored := opened.get(self.fields.raw(name))) is not None:
                account = account or self._account(opened, stored)
                opened[self.fields.raw(name)] = self._read(account, name, stored)
        return opened

    def _account_of(self, row: Any) -> dict[str, Any]:
        """Whose *row* is. A query for some fields alone may have left that out."""
        account = {name: row._data.get(name) for name in ACCOUNT}
        if None in account.values() and row.pk is not None:
            there = self._in_the_database(row.pk, ACCOUNT)
            account = {name: account[name] or there.get(self.fields.raw(name)) for name in ACCOUNT}
        return account

    def _account(self, document: Mapping[str, Any], stored: Any) -> dict[str, Any]:
        """Whose token it is, in a document as the database has it, or in some fields of it."""
        raw = {name: self.fields.raw(name) for name in ACCOUNT}
        if not all(each in document for each in raw.values()) and _is_sealed(stored):
            document = self._in_the_database(document.get("_id"), ACCOUNT)
        return {name: document.get(each) for name, each in raw.items()}

    def _in_the_database(self, key: Any, names: Iterable[str]) -> Mapping[str, Any]:
        """Some fields of the document of that key; none, where it is gone."""
        collection = self.fields.model._get_collection()
        return collection.find_one({"_id": key}, [self.fields.raw(name) for name in names]) or {}

    def _read(self, account: Mapping[str, Any], name: str, stored: Any) -> Any:
        if None in account.values() and _is_sealed(stored):
            return Unreadable()
        return self.sealing.read(account, name, stored)


def attach(fields: ModelFields, sealing: TokenSealing) -> None:
    """Let the model's documents have sealed tokens in the database, and open ones in memory.

    MongoEngine makes what it writes by ``to_mongo()``, and a document of what it read by
    ``_from_son()``, whoever asks it to; what it changes is what ``_delta()`` says. They are
    wrapped, once: a later store's sealing counts.
    """
    model = fields.model
    if (there := getattr(model, MARK, None)) is not None:
        there.fields, there.sealing = fields, sealing
        return
    seals = Seals(fields, sealing)
    to_mongo, from_son, delta = model.to_mongo, model._from_son.__func__, model._delta

    def sealed_to_mongo(row: Any, use_db_field: bool = True, fields: Any = None) -> Any:
        document = to_mongo(row, use_db_field=use_db_field, fields=fields)
        return seals.close(row, document, by_raw_name=use_db_field)

    def followed_delta(row: Any) -> Any:
        seals.follow(row)
        return delta(row)

    def opened_from_son(cls: Any, son: Any, *args: Any, **kwargs: Any) -> Any:
        return from_son(cls, seals.open(son) if son else son, *args, **kwargs)

    setattr(model, MARK, seals)
    model.to_mongo = sealed_to_mongo
    model._from_son = classmethod(opened_from_son)
    model._delta = followed_delta


def _is_sealed(stored: Any) -> bool:
    return isinstance(stored, str) and stored.startswith(PREFIX)
