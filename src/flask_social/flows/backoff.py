"""How long a provider that could not refresh a token is left alone, for each connection."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from .. import clock
from ..errors import ProviderError, ProviderUnavailable

DELAY = 10
"""Seconds, where the provider does not say."""
MOST = 10_000
"""Connections that are remembered."""


@dataclass(frozen=True, slots=True)
class _Failure:
    until: int
    wait: int
    step: str
    code: str
    detail: str
    status: int

    def counts(self, now: int) -> bool:
        """Whether it is not over yet. A clock that was set back makes it last no longer."""
        return 0 < self.until - now <= self.wait


class Backoff:
    """Failures of refreshing that count for a while, in the memory of this process.

    Another process asks the provider once itself before it knows.
    """

    def __init__(self) -> None:
        self._failures: dict[Any, _Failure] = {}
        self._guard = threading.Lock()

    def note(self, key: Any, error: ProviderError) -> ProviderUnavailable:
        """Remember that refreshing the row of *key* failed by *error*; what to raise for it."""
        wait = getattr(error, "retry_after", None) or DELAY
        detail = error.detail.removeprefix(error.step).removeprefix(": ")
        now = clock.now()
        failure = _Failure(now + wait, wait, error.step, error.code, detail, error.status)
        with self._guard:
            self._failures.pop(key, None)
            if len(self._failures) >= MOST:
                self._make_room()
            self._failures[key] = failure
        return _raisable(failure, now)

    def find(self, key: Any) -> ProviderUnavailable | None:
        """What to raise in place of asking again; ``None`` when the provider may be asked."""
        with self._guard:
            failure = self._failures.get(key)
            if failure is None:
                return None
            if failure.counts(now := clock.now()):
                return _raisable(failure, now)
            del self._failures[key]
            return None

    def _make_room(self) -> None:
        """Forget what is over; if nothing is, the oldest."""
        now = clock.now()
        left = {key: each for key, each in self._failures.items() if each.counts(now)}
        if len(left) >= MOST:
            del left[next(iter(left))]
        self._failures = left


def _raisable(failure: _Failure, now: int) -> ProviderUnavailable:
    return ProviderUnavailable(
        failure.step,
        failure.code,
        failure.detail,
        status=failure.status,
        retry_after=failure.until - now,
    )
