"""One table, from its first row to its last: twice, since the first row may be about the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..datastore.tokens import BATCH
from .entries import Entry, Outcome
from .judge import Here, judge
from .settle import Settler
from .sources import Raw, Source
from .survey import Survey

if TYPE_CHECKING:
    from .tables import OldTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What is to be moved from where, and by whose leave."""

    table: OldTable
    source: Source
    here: Here
    settler: Settler
    keep: str | None = None
    """Which of several rows of one user for one account counts: ``oldest`` or ``newest``."""
    batch: int = BATCH
    """Rows that are written in one transaction."""

    def run(self, seen: Callable[[int], object] = lambda rows: None) -> Iterator[Sequence[Entry]]:
        """What became of each row, batch by batch, each committed by the time it is given.

        :param seen: told how many rows are behind, twice for each: once each time it is read.
        :raises StoreUnavailable: when the application's database is away.
        :raises TableTrouble: when the old one is.
        """
        survey = Survey(self.keep)
        for page in self._pages():
            survey.add(entry for entry, _ in page)
            seen(len(page))
        for page in self._pages():
            entries = [survey.seen(entry) for entry, _ in page]
            if self.settler.in_place:
                raws = [raw for _, raw in page]
                entries = [_older(*each) for each in zip(entries, raws, strict=True)]
            yield self.settler.settle(entries)
            seen(len(page))

    def _pages(self) -> Iterator[list[tuple[Entry, Raw]]]:
        source, lengths = self.source, self.table.lengths
        wanted = (source.provider, source.subject, source.user, *source.others)
        for page in self.table.pages(wanted, self.batch):
            yield [(judge(key, raw, source, lengths, self.here), raw) for key, raw in page]


def _older(entry: Entry, raw: Any) -> Entry:
    """*entry*, if its row is older than this library: of one that we wrote nothing is wrong."""
    ours = entry.outcome is Outcome.IMPORTED and raw.get("updated_at") is not None
    return replace(entry, outcome=Outcome.PRESENT) if ours else entry
