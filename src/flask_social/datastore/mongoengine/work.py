"""What one thread has not committed. A single MongoDB server has no transaction that could."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Change:
    """A row that the commit is to write."""

    row: Any
    values: dict[str, Any]
    """What is to be written."""
    before: dict[str, Any]
    """What *row* had in memory."""


class Work(threading.local):
    """What is done at once can be undone; everything else waits for the commit."""

    def __init__(self) -> None:
        self.undo: list[Callable[[], Any]] = []
        """How to take back what was written, the last thing last."""
        self.changes: dict[Any, Change] = {}
        """By the keys of their rows."""
        self.doomed: list[Any] = []
        self.new: list[Any] = []
        self.held: set[Any] = set()
        """The keys of the rows whose users' connections are held."""
        self.holds: dict[str, str] = {}
        """Names of what is held, and the words that say that it is held here."""

    def is_idle(self) -> bool:
        """Whether there is nothing to lose."""
        return not (self.undo or self.changes or self.doomed or self.new or self.holds)

    def change(self, key: Any, row: Any, values: dict[str, Any], shown: dict[str, Any]) -> None:
        """Let the commit write *values* into the row of that key.

        :param shown: what *row* is about to have in memory.
        """
        change = self.changes.setdefault(key, Change(row, {}, {}))
        change.before = {name: row._data.get(name) for name in shown} | change.before
        change.values |= values

    def clear(self) -> None:
        """Nothing is left to do or to undo."""
        for each in (self.undo, self.changes, self.doomed, self.new, self.held):
            each.clear()
