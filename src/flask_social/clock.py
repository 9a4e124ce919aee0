"""The time, as one function that a test may replace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_source: Callable[[], float] = time.time


def now() -> int:
    """Seconds since the epoch, whole."""
    return int(_source())


@contextmanager
def replaced(source: Callable[[], float]) -> Iterator[None]:
    """Take the time from *source* for a while, in this process."""
    global _source  # noqa: PLW0603 - the one switch this module exists for
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
