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
        seen = self._entries.get((url, reader))
        if seen is not None and self._will_do(url, seen, refetch):
            return seen.value
        mine: Future[Any] = Future()
        flight = self._flights.setdefault((os.getpid(), url, reader), mine)
        if flight is not mine:
            return self._join(flight, seen, patience)
        try:
            value = self._fetch(url, reader, fetch, seen, refetch)
            mine.set_result(value)
            return value
        except Exception as error:
            mine.set_exception(error)
            raise
        finally:
            mine.cancel()  # where this thread itself is being ended, which is not for the others
            del self._flights[os.getpid(), url, reader]

    def _will_do(self, url: str, seen: _Entry, refetch: bool) -> bool:
        asked = self._asked.get(url)
        just_asked = asked is not None and abs(clock.now() - asked) < limits.REFETCH_INTERVAL
        if just_asked:
            return seen.age < limits.METADATA_STALE
        return not refetch and seen.age < seen.fresh

    def _join(self, flight: Future[Any], seen: _Entry | None, patience: float) -> Any:
        try:
            return flight.result(timeout=max(0.0, patience))
        except (TimeoutError, CancelledError):
            if flight.done() and not flight.cancelled():
                raise  # it is what the fetch raised
            if seen is None or seen.age >= limits.METADATA_STALE:
                raise WaitedInVain from None
            return seen.value

    def _fetch(
        self, url: str, reader: Hashable, fetch: Fetch, seen: _Entry | None, refetch: bool
    ) -> Any:
        latest = self._entries.get((url, reader))
        if latest is not None and latest is not seen:
            return latest.value  # a flight landed between looking and taking off
        if refetch and seen is not None:
            self._note(url)
        try:
            value, fresh = fetch()
        except ProviderUnavailable:
            self._note(url)  # what is away is not asked again at once while there is an old value
            if seen is None or seen.age >= limits.METADATA_STALE:
                raise
            return seen.value
        self._keep((url, reader), _Entry(value, clock.now(), fresh))
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
