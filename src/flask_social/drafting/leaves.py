"""What stands where in a sample: its texts, numbers and flags, each with the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Step = str | int
PLAIN = re.compile(r"[^.\[\]{}\"=]+")
"""What stands in a path as it is."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value, and the members and indexes on the way to it."""

    way: tuple[Step, ...]
    value: Any

    @property
    def key(self) -> str:
        """The last member's name, as it is compared: ``userName`` and ``user_name`` are one."""
        names = [step for step in self.way if isinstance(step, str)]
        return comparable(names[-1]) if names else ""

    @property
    def parent(self) -> str:
        """The name of the member around it, compared likewise."""
        names = [step for step in self.way if isinstance(step, str)]
        return comparable(names[-2]) if len(names) > 1 else ""

    @property
    def is_listed(self) -> bool:
        """Whether it is in a list."""
        return any(isinstance(step, int) for step in self.way)

    @property
    def path(self) -> str:
        """The way as a path of an identity."""
        return path_of(self.way)


def leaves(value: Any, way: tuple[Step, ...] = ()) -> Iterator[Leaf]:
    """The values in *value* that are neither lists nor objects; of a list those of one entry."""
    if isinstance(value, dict):
        for name, each in value.items():
            if '"' not in name:  # which no path can hold
                yield from leaves(each, (*way, name))
    elif isinstance(value, list):
        if value:
            entry = main_entry(value)
            yield from leaves(value[entry], (*way, entry))
    elif value is not None:
        yield Leaf(way, value)


def main_entry(entries: list[Any]) -> int:
    """Which one of *entries* is marked as the primary; the first where none is."""
    marked = (number for number, each in enumerate(entries) if primary_mark(each))
    return next(marked, 0)


def primary_mark(entry: Any) -> str | None:
    """The member by which *entry* says that it is the primary one."""
    marks = ("primary", "is_primary", "isPrimary")
    return next(
        (each for each in marks if isinstance(entry, dict) and entry.get(each) is True), None
    )


def path_of(way: tuple[Step, ...]) -> str:
    """*way* as it is written in ``fields(...)``."""
    path = ""
    for step in way:
        if isinstance(step, int):
            path += f"[{step}]"
        elif PLAIN.fullmatch(step):
            path += f".{step}" if path else step
        else:
            path += f'["{step}"]'
    return path


def comparable(name: str) -> str:
    """*name* in small letters, with nothing between its words."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
