"""Connections as the database has them: read, compared and swapped, one document at a time."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mongoengine import QuerySet
from pymongo import ReturnDocument
from pymongo import collection as driver
from pymongo.errors import DuplicateKeyError

from ... import clock
from ...values import Unreadable
from ..base import Conflict
from ..filters import ACCOUNT
from ..sealing import TokenSealing
from ..tokens import TOKENS, StoredToken
from .fields import ModelFields
from .primary import primary
from .trouble import Overtaken, quietly

logger = logging.getLogger("flask_social")

Document = Mapping[str, Any]
ATTEMPTS = 100
"""Writes of others that one of ours makes way for."""
PLAIN = ("issuer", "token_type", "scopes", "expires_at", "lease_until", "version")
"""What a stored token has besides, as the field has it."""


class Documents:
    """The collection of one connection model."""

    def __init__(self, fields: ModelFields, sealing: TokenSealing) -> None:
        self.fields = fields
        self.sealing = sealing

    @property
    def collection(self) -> driver.Collection[Any]:
        """The driver's collection. Its indexes are made when it is first asked for."""
        return primary(self.fields.model._get_collection())

    def key(self, row: Any) -> Any:
        """The primary key of *row*, a connection or a stored token, as the database has it."""
        if isinstance(row, StoredToken):
            return row.key
        return self.fields.field(self.fields.model._meta["id_field"]).to_mongo(row.pk)

    def find(self, key: Any) -> Document | None:
        """The document of that key."""
        found: Document | None = self.collection.find_one({"_id": key})
        return found

    def batch(self, criteria: Document, limit: int) -> Iterator[Document]:
        """Documents in the order of their keys."""
        return iter(self._query(criteria).order_by("pk").limit(limit).as_pymongo())

    def change(self, key: Any, values: Mapping[str, Any]) -> tuple[Document, Document]:
        """Write *values*, whatever else was written there: the document before and after.

        :raises Conflict: when it is gone.
        """
        for _ in range(ATTEMPTS):
            if (before := self.find(key)) is None:
                raise Conflict("A row that was to be changed is gone.")
            if (after := self.swap(before, values)) is not None:
                return before, after
        raise Overtaken("a row was written too often to be changed")

    def swap(self, before: Document, values: Mapping[str, Any]) -> Document | None:
        """Write *values* into the document that was *before*, if nobody wrote there since.

        With them goes, sealed anew, what is stored plainly or under an older key.

        :returns: the document after; ``None`` when somebody was faster, or it is gone.
        """
        changes = self._sealed(before, self._with_tokens(before, values))
        if not changes:
            return before
        same, update = self._same(before), self._update(changes | self._bumped(before))
        swap, newest = self.collection.find_one_and_update, ReturnDocument.AFTER
        return quietly(lambda: swap(same, update, return_document=newest))

    def unchange(self, before: Document, after: Document) -> None:
        """Undo a change, if nothing was written there since."""
        self.collection.find_one_and_replace(dict(after), dict(before))

    def remove(self, key: Any) -> Document | None:
        """Delete the document of that key: what it was, ``None`` if somebody else was faster."""
        before = self.find(key)
        gone = before is not None and quietly(self._query({"_id": key}).delete)
        return before if gone else None

    def bring_back(self, before: Document) -> None:
        """Undo a deletion, if nobody has connected the account since."""
        try:
            quietly(lambda: self.collection.insert_one(dict(before)))
        except DuplicateKeyError:
            logger.warning("A connection that was to be brought back is somebody else's by now.")

    def count(self, keys: Collection[Any]) -> int:
        """How many of these there are."""
        return self.collection.count_documents({"_id": {"$in": list(keys)}})

    def token(self, document: Document) -> StoredToken:
        """*document* as a value, its tokens opened."""
        account = self.account(document)
        stored = {name: self._text(document, name) for name in TOKENS}
        fields: dict[str, Any] = {name: self._value(document, name) for name in PLAIN}
        fields |= account
        for name, text in stored.items():
            fields[name] = self.sealing.read(account, name, text)
        needs_reauth = bool(self._value(document, "needs_reauth"))
        return StoredToken(key=document["_id"], needs_reauth=needs_reauth, stored=stored, **fields)

    def account(self, document: Document) -> dict[str, str]:
        """Provider and subject, which a sealed token is bound to."""
        return {name: str(self._value(document, name)) for name in ACCOUNT}

    def is_as_read(self, document: Document, token: StoredToken) -> bool:
        """Whether *document* is what *token* was read from."""
        if token.version is not None:
            return bool(self._value(document, "version") == token.version)
        return all(self._text(document, name) == token.stored.get(name) for name in TOKENS)

    def _query(self, criteria: Document) -> Any:
        return QuerySet(self.fields.model, self.collection)(__raw__=dict(criteria))

    def _with_tokens(self, before: Document, values: Mapping[str, Any]) -> dict[str, Any]:
        """*values* with those tokens that have to be sealed anew."""
        account, known = self.account(before), dict(values)
        for name in self.fields.tokens:
            stored = self._text(before, name)
            if isinstance(known.get(name), Unreadable):
                del known[name]
            if name in known or self.sealing.is_current(stored):
                continue
            token = self.sealing.read(account, name, stored)
            if not isinstance(token, Unreadable) or not self.sealing.keeps:
                known[name] = token
        return known

    def _sealed(self, before: Document, values: Mapping[str, Any]) -> dict[str, Any]:
        """*values* as the database is given them."""
        account = self.account(before)
        sealed: dict[str, Any] = {}
        for name, value in values.items():
            if name in TOKENS:
                text = self.sealing.write(account, name, value)
                sealed[name] = None if text is None else str(text)
            else:
                sealed[name] = None if value is None else self.fields.field(name).to_mongo(value)
        return sealed

    def _update(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the driver is told, to write *values*; what is none is not there."""
        raw = {self.fields.raw(name): value for name, value in values.items()}
        update = {
            "$set": {name: value for name, value in raw.items() if value is not None},
            "$unset": {name: "" for name, value in raw.items() if value is None},
        }
        return {operator: fields for operator, fields in update.items() if fields}

    def _bumped(self, before: Document) -> dict[str, Any]:
        """What changes with every update."""
        bumped = {"updated_at": clock.now()} if self.fields.has("updated_at") else {}
        if self.fields.is_number("version"):
            bumped["version"] = (self._value(before, "version") or 0) + 1
        return bumped

    def _same(self, before: Document) -> dict[str, Any]:
        """A query for the document that was *before*, as it was."""
        names = ("version",) if self.fields.is_number("version") else self.fields.tokens
        return {"_id": before["_id"]} | {
            self.fields.raw(name): before.get(self.fields.raw(name)) for name in names
        }

    def _value(self, document: Document, name: str) -> Any:
        return document.get(self.fields.raw(name)) if self.fields.has(name) else None

    def _text(self, document: Document, name: str) -> str | None:
        stored = self._value(document, name)
        return bytes(stored).decode() if isinstance(stored, bytes | bytearray) else stored
