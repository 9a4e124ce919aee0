"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 60.0
"""Seconds after which what did not happen never will, however busy the machine is."""
T = TypeVar("T")


def until(look: Callable[[], T], patience: float = PATIENCE, every: float = 0.01) -> T:
    """The first true value that *look* gives, asked *every* so many seconds.

    :raises TimeoutError: when there is none in time.
    """
    give_up = time.monotonic() + patience
    while not (seen := look()):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{look} gave nothing but {seen!r}")
        time.sleep(every)
    return seen
