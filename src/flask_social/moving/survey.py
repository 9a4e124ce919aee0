"""What only the whole table tells: accounts that are in it twice, and ids that look alike."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .entries import Entry, Note, Outcome

Account = tuple[str | None, str | None]


@dataclass
class Survey:
    """The accounts of all rows that could be connections.

    :param keep: which row counts of several that one user has for one account: ``oldest`` or
        ``newest``, by their keys; ``None`` for none of them.
    """

    keep: str | None = None
    _rows: dict[Account, tuple[Any, str]] = field(default_factory=dict)
    """The first row of each account and its user."""
    _twins: dict[Account, list[tuple[Any, str]]] = field(default_factory=dict)
    _folded: dict[Account, str | None] = field(default_factory=dict)
    """The first id of those that look alike."""
    _alike: defaultdict[Account, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, entries: Iterable[Entry]) -> None:
        """Note *entries*, which come in the order of their keys."""
        for entry in entries:
            if entry.outcome is not Outcome.IMPORTED:
                continue
            one = (entry.row, str(entry.user))
            if entry.account in self._rows:
                first = self._rows[entry.account]
                self._twins.setdefault(entry.account, [first]).append(one)
                continue
            self._rows[entry.account] = one
            look = (entry.provider_id, fold(entry.subject or ""))
            if self._folded.setdefault(look, entry.subject) != entry.subject:
                self._alike[look] += 1

    def seen(self, entry: Entry) -> Entry:
        """*entry*, in the light of all others."""
        if entry.outcome is not Outcome.IMPORTED:
            return entry
        if (entry.provider_id, fold(entry.subject or "")) in self._alike:
            entry = replace(entry, notes=(*entry.notes, Note.ALIKE))
        twins = self._twins.get(entry.account)
        if twins is None:
            return entry
        if len({user for _, user in twins}) > 1:
            return replace(entry, outcome=Outcome.SHARED)
        kept = {"oldest": twins[0], "newest": twins[-1]}.get(self.keep or "")
        is_kept = kept is not None and kept[0] == entry.row
        return entry if is_kept else replace(entry, outcome=Outcome.REPEATED)


def fold(subject: str) -> str:
    """*subject* as the most careless database compares it: no case, accents, width, end spaces."""
    apart = unicodedata.normalize("NFKD", subject)
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    return unicodedata.normalize("NFKD", bare.casefold()).strip()
