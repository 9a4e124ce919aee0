"""What a commit writes and a rollback takes back.

Without transactions each write is for itself. What may be refused comes first, and all of it can
be undone but for the deletion of other models than ours, which comes last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from mongoengine import ValidationError

from ..tokens import TOKENS
from .documents import Documents
from .fields import ModelFields
from .primary import LASTING
from .trouble import Overtaken, quietly
from .users import is_new
from .work import Work


class Outcome:
    """The work of each thread, done and undone."""

    def __init__(self, documents: Documents, work: Work) -> None:
        self._fields: ModelFields = documents.fields
        self._documents = documents
        self._work = work

    def write(self) -> None:
        """Do what waits for the commit.

        :raises Conflict: when a row that was to be changed is gone.
        :raises Overtaken: when a connection that was to remain was removed meanwhile.
        """
        work, model = self._work, self._fields.model
        for key, change in list(work.changes.items()):
            before, after = self._documents.change(key, change.values)
            work.undo.append(partial(self._documents.unchange, before, after))
            self._fields.show(change.row, self._counted(after))
        self._remove_doomed([each for each in work.doomed if isinstance(each, model)])
        for each in work.new:
            self._save(each)
        for each in work.doomed:
            if not isinstance(each, model):
                each.delete()

    def undo(self) -> None:
        """Take back what was written, the last thing first."""
        for change in self._work.changes.values():
            self._fields.show(change.row, change.before)
        while self._work.undo:
            self._work.undo.pop()()

    def insert(self, row: Any) -> None:
        """Write *row*, which is new, now. A token may be longer than the model expects.

        :raises ValidationError: when the model does not take it.
        :raises DuplicateKeyError: when a unique key is taken.
        """
        try:
            row.validate()
        except ValidationError as error:
            if set(error.errors or {"": None}) - set(TOKENS):
                raise
        quietly(lambda: row.save(force_insert=True, validate=False, write_concern=LASTING))
        self._work.undo.append(partial(self._documents.remove, self._documents.key(row)))

    def update(self, row: Any, values: dict[str, Any]) -> None:
        """Let *row* have *values* in memory by now, and in the database with the commit."""
        key = self._documents.key(row)
        shown = values if key in self._work.changes else self._fields.bumped(row) | values
        self._work.change(key, row, values, shown)
        self._fields.show(row, shown)

    def remove(self, row: Any) -> bool:
        """Delete *row* now. False when somebody else was faster."""
        key = self._documents.key(row)
        if (before := self._documents.remove(key)) is None:
            return False
        self._work.changes.pop(key, None)
        self._work.undo.append(partial(self._documents.bring_back, before))
        return True

    def _remove_doomed(self, rows: Sequence[Any]) -> None:
        """Delete *rows*, and see that what was to remain of those that are held is there still.

        It is, unless this thread stood still until its hold was over, or somebody deleted without.
        """
        for row in rows:
            self.remove(row)
        doomed = {self._documents.key(row) for row in rows}
        remaining = self._work.held - doomed
        if doomed & self._work.held and self._documents.count(remaining) < len(remaining):
            raise Overtaken("a connection that was to remain was removed meanwhile")

    def _save(self, model: Any) -> None:
        new = is_new(model)
        quietly(lambda: model.save(write_concern=LASTING))
        if new:
            self._work.undo.append(model.delete)

    def _counted(self, after: Mapping[str, Any]) -> dict[str, Any]:
        """What the update itself has changed."""
        names = [name for name in ("version", "updated_at") if self._fields.has(name)]
        return {name: after[raw] for name in names if (raw := self._fields.raw(name)) in after}
