"""What became of the rows, in words and as lines of JSON. Neither has a token in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from .entries import Entry, Note, Outcome

SHOWN = 10
"""Rows of one kind that are listed; all are in the file of ``--report``."""
WORDS = {
    Outcome.IMPORTED: "imported",
    Outcome.REPAIRED: "repaired where they are",
    Outcome.PRESENT: "here already, and left as they are",
    Outcome.SOMEBODY_ELSES: "not imported: the account is connected to another user here",
    Outcome.REPEATED: "not imported: the user has the account in another row too (--keep)",
    Outcome.SHARED: "not imported: two users have the account, and only you know whose it is",
    Outcome.NO_ID: "not imported: no account id, so that nobody knows whose row it is",
    Outcome.UNFIT_ID: "not imported: the account id is too long, or no printable text",
    Outcome.ADDRESS: "not imported: the account id is an e-mail address (--addresses)",
    Outcome.PARTIAL: (
        "not imported: the account id is of one tenant, or instance, and does not say which: put "
        "that into the id, as this application has it"
    ),
    Outcome.NO_USER: "not imported: they belong to no user",
    Outcome.USER_GONE: "not imported: the user does not exist here",
    Outcome.NO_PROVIDER: "not imported: the provider is not configured here (--map)",
    Outcome.REFUSED: "not imported: the database refuses them",
}
NOTES = {
    Note.CUT: "without their tokens, of which one was cut: the person has to reconnect",
    Note.UNREADABLE: "without their tokens, which nobody can read: the person has to reconnect",
    Note.NO_TOKEN: "without a token: good for logging in",
    Note.ALIKE: "with an id that another id resembles: they are different accounts",
}
UNREMARKABLE = frozenset({Outcome.IMPORTED, Outcome.REPAIRED, Outcome.PRESENT})


@dataclass
class Report:
    """Counts entries, keeps some of each kind that somebody should look at, and writes all down.

    :param lines: where each entry is written to, as an object of JSON in a line of its own.
    """

    lines: TextIO | None = None
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    notes: Counter[Note] = field(default_factory=Counter)
    remarkable: dict[Outcome | Note, list[Entry]] = field(default_factory=dict)

    def add(self, entries: Iterable[Entry]) -> None:
        """Note *entries*; their lines are in the file when this returns."""
        for entry in entries:
            self.outcomes[entry.outcome] += 1
            self.notes.update(entry.notes)
            kinds: tuple[Outcome | Note, ...] = (entry.outcome, *entry.notes)
            for kind in kinds:
                if kind not in UNREMARKABLE and kind is not Note.NO_TOKEN:
                    kept = self.remarkable.setdefault(kind, [])
                    kept.extend([entry] if len(kept) < SHOWN else [])
            if self.lines is not None:
                self.lines.write(line(entry) + "\n")
        if self.lines is not None:
            self.lines.flush()

    @property
    def seen(self) -> int:
        """How many rows were noted."""
        return self.outcomes.total()

    def told(self) -> Iterator[str]:
        """The lines for a person to read."""
        for outcome in Outcome:
            if self.outcomes[outcome]:
                yield f"{self.outcomes[outcome]:>8}  {WORDS[outcome]}"
                yield from self._examples(outcome)
        for note in Note:
            if self.notes[note]:
                yield f"{self.notes[note]:>8}  {NOTES[note]}"
                yield from self._examples(note)

    def _examples(self, kind: Outcome | Note) -> Iterator[str]:
        kept = self.remarkable.get(kind, [])
        for entry in kept:
            because = f": {entry.because}" if entry.because else ""
            account = f"{entry.name!a} {entry.subject!a} of user {str(entry.user)!a}"
            yield f"          row {str(entry.row)!a}, {account}{because}"
        total = self.notes[kind] if isinstance(kind, Note) else self.outcomes[kind]
        if total > len(kept) > 0:
            yield f"          and {total - len(kept)} more"


def line(entry: Entry) -> str:
    """*entry* as an object of JSON."""
    return json.dumps(
        {
            "row": str(entry.row),
            "name": entry.name,
            "provider_id": entry.provider_id,
            "provider_user_id": entry.subject,
            "user": None if entry.user is None else str(entry.user),
            "outcome": entry.outcome,
            "notes": entry.notes,
            "because": entry.because,
        }
    )
