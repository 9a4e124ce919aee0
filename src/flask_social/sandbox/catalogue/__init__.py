"""The providers of the catalogue: a JSON file each, read when somebody first asks for it.

A file tells what a provider is like in the words of :mod:`..played`, and has samples of what it
says; nobody writes a program for it unless it has a quirk that is not in those words.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from ..played import played
from ..scripts import ProviderScript

HERE = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """The ids of all, in order. No file is read for it."""
    return tuple(sorted(path.stem for path in HERE.glob("*.json")))


def find(provider_id: str) -> ProviderScript | None:
    """The script of the provider of that id; ``None`` where the catalogue has none."""
    return read(provider_id) if provider_id in names() else None


@cache
def read(provider_id: str) -> ProviderScript:
    """The script of one that is there."""
    return played(json.loads((HERE / f"{provider_id}.json").read_text("utf-8")))
