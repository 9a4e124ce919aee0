"""What providers publish (metadata, keys): kept while it may be used, fetched by one at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Any

from .. import clock, limits
from ..errors import ProviderUnavailable

ENTRIES = 512  # a bound, where tenants bring their own issuers

Fetch = Callable[[], tuple[Any, int]]
"""A new value and the seconds it stays fresh. :raises ProviderUnavailable: when there is none."""


class WaitedInVain(Exception):
    """Somebody else's fetch took longer than this caller can wait, and nothing is kept."""


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    at: int
    fresh: int

    @property
    def age(self) -> int:
        """Seconds, whichever way the clock went since: one set back makes nothing immortal."""
        return abs(clock.now() - self.at)

    @property
    def usable(self) -> bool:
        """Whether this is better than nothing."""
        return self.age < limits.METADATA_STALE

    def will_do(self, refetch: bool, just_asked: bool) -> bool:
        """Whether the provider need not be asked."""
        return self.usable if just_asked else not refetch and self.age < self.fresh


class Cache:
    """Values by address and by who reads them.

    One fetch at a time for each; those who come meanwhile share what it brings, good or bad. No
    lock is held over a fetch, and a forked child does not wait for its parent's.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, Hashable], _Entry] = {}
        self._asked: dict[str, int] = {}
        self._flights: dict[Hashable, Future[Any]] = {}

    def get(
        self, url: str, reader: Hashable, fetch: Fetch, *, refetch: bool, patience: float
    ) -> Any:
        """The value kept for *url* and *reader*, or what *fetch* brings.

        :param refetch: fetch although the value is fresh, unless that was done within a minute.
        :param patience: seconds to wait for the fetch of somebody else.
        :raises WaitedInVain: when patience ends and nothing usable is kept.
        """
        just_asked = self._just_asked(url)  # read first, since it is written last
        seen = self._entries.get((url, reader))
        if seen is not None and seen.will_do(refetch, just_asked):
            return seen.value
        mine: Future[Any] = Future()
        flight = self._flights.setdefault((os.getpid(), url, reader), mine)
        if flight is not mine:
            return self._join(flight, seen, patience)
        try:
            value = self._fetch(url, reader, fetch, refetch)
            mine.set_result(value)
            return value
        except Exception as error:
            mine.set_exception(error)
            raise
        finally:
            mine.cancel()  # where this thread itself is being ended, which is not for the others
            del self._flights[os.getpid(), url, reader]

    def _just_asked(self, url: str) -> bool:
        """Whether a refetch, or a fetch that failed, was less than a minute ago."""
        asked = self._asked.get(url)
        return asked is not None and abs(clock.now() - asked) < limits.REFETCH_INTERVAL

    def _join(self, flight: Future[Any], seen: _Entry | None, patience: float) -> Any:
        try:
            return flight.result(timeout=max(0.0, patience))
        except (TimeoutError, CancelledError):
            if flight.done() and not flight.cancelled():
                raise  # it is what the fetch raised
            if seen is None or not seen.usable:
                raise WaitedInVain from None
            return seen.value

    def _fetch(self, url: str, reader: Hashable, fetch: Fetch, refetch: bool) -> Any:
        latest = self._entries.get((url, reader))
        if latest is not None and latest.will_do(refetch, self._just_asked(url)):
            return latest.value  # another fetch landed between looking and setting out
        try:
            value, fresh = fetch()
            self._keep((url, reader), _Entry(value, clock.now(), fresh))
        except ProviderUnavailable:
            refetch = True  # what is away is not asked again at once while there is an old value
            if latest is None or not latest.usable:
                raise
            return latest.value
        finally:
            if refetch and latest is not None:
                self._note(url)
        return value

    def _note(self, url: str) -> None:
        self._asked.pop(url, None)
        self._asked[url] = clock.now()
        _trim(self._asked)

    def _keep(self, key: tuple[str, Hashable], entry: _Entry) -> None:
        self._entries.pop(key, None)
        self._entries[key] = entry
        _trim(self._entries)


def _trim(kept: dict[Any, Any]) -> None:
    """Drop the oldest beyond the bound. They are listed in one step, since other threads add."""
    if (excess := len(kept) - ENTRIES) > 0:
        for key in list(kept)[:excess]:
            kept.pop(key, None)
