"""What may be done about a database that did not do as it was told."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeVar

T = TypeVar("T")


class Trouble(Enum):
    """Why a store cannot do what was asked, where nobody's mistake is the reason."""

    AWAY = "It is not there now, or takes no writes. What became of a commit nobody knows."
    AGAIN = "Another transaction was in the way. All of this one is undone; it may be run again."


Diagnosis = Callable[[BaseException], Trouble | None]
"""Tells the trouble that an exception is about; ``None`` for a mistake."""


def twice(
    work: Callable[[], T], diagnose: Diagnosis, undo: Callable[[], object] = lambda: None
) -> T:
    """What *work* returns, which is done once more if another transaction was in its way.

    :param undo: called between the two, to end what is left of the first.
    """
    try:
        return work()
    except Exception as error:
        if diagnose(error) is not Trouble.AGAIN:
            raise
    undo()
    return work()
