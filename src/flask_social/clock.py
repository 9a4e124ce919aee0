"""The time, as one function that a test may replace."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

_source: Callable[[], float] = time.time
_pause: Callable[[float], None] = time.sleep


def now() -> int:
    """Seconds since the epoch, whole."""
    return int(_source())


def seconds(when: datetime | float | None) -> int | None:
    """*when* in whole seconds since the epoch. :raises ValueError: for one without a time zone."""
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise ValueError("The time has no time zone: datetime.now(UTC), say.")
        when = when.timestamp()
    return None if when is None else math.ceil(when)


def pause(seconds: float) -> None:
    """Let *seconds* pass, for instance before somebody else's work is looked at again."""
    _pause(seconds)


@contextmanager
def replaced(
    source: Callable[[], float], pause: Callable[[float], None] | None = None
) -> Iterator[None]:
    """Take the time from *source* for a while, in this process.

    :param pause: what lets time pass there.
    """
    global _source, _pause
    before = _source, _pause
    _source, _pause = source, pause or _pause
    try:
        yield
    finally:
        _source, _pause = before
