"""A value that is made when somebody first needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """What *make* returns, the same for everybody.

    Of threads that come at the same time each may call *make*, and all get what the first of them
    made: so no lock is held over it, which a forked child would wait for in vain.
    """

    __slots__ = ("_made", "_make", "_tell")

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: dict[None, T] = {}
        self._tell: Callable[[T], None] | None = None

    @property
    def is_made(self) -> bool:
        """Whether anybody has needed it by now."""
        return bool(self._made)

    def get(self) -> T:
        """The value."""
        if not self._made:
            mine = self._make()
            if self._made.setdefault(None, mine) is mine and self._tell is not None:
                self._tell(mine)
        return self._made[None]

    def when_made(self, tell: Callable[[T], None]) -> None:
        """Call *tell* with the value: now, if it is there, else when it is made."""
        self._tell = tell
        if self._made:
            tell(self._made[None])
