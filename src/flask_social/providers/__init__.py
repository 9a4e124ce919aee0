"""The stock providers: one file each, imported when somebody first needs it.

What has to be known of one before, is in the modules beside them that begin with an underscore.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from ..protocols.base import Provider
from ._known import ALIASES, ELSEWHERE, GONE, NEEDS, PROOFS
from ._looks import LOOKS

__all__ = [
    "ALIASES", "ELSEWHERE", "fate", "find", "find_as", "like", "look", "names", "needs", "proofs",
    "resolve",
]  # fmt: skip


@cache
def _files() -> frozenset[str]:
    return frozenset(each.name for each in iter_modules(__path__) if each.name[0] != "_")


def names() -> list[str]:
    """The ids of all stock providers, none of them imported."""
    return sorted(_files())


def find_as(provider_id: str, name: str) -> Any:
    """The stock provider called *provider_id*, with the places that its alias *name* fills."""
    provider: Any = find(provider_id)
    elsewhere = ELSEWHERE.get(name)
    return replace(provider, places={**provider.places, **elsewhere}) if elsewhere else provider


def find(provider_id: str) -> Provider | None:
    """The stock provider called *provider_id*, or ``None``."""
    if provider_id not in _files():
        return None
    provider: Provider = import_module(f"{__name__}.{provider_id}").provider
    return provider


# What is known without their files.


def resolve(name: str) -> str | None:
    """The id of the stock provider that *name* stands for: its own, or that of an alias."""
    found = ALIASES.get(name, name)
    return found if found in _files() else None


def look(provider_id: str) -> tuple[str, str | None]:
    """Name for people and brand colour of the stock provider called *provider_id*."""
    if provider_id in LOOKS:
        return LOOKS[provider_id]
    drafted: Any = find(provider_id)  # its file is there, and nobody has listed it yet
    return drafted.name, drafted.color


def needs(provider_id: str) -> Mapping[str, str]:
    """What the stock provider cannot do without, beside :func:`proofs`.

    :returns: settings, each with what it has to be, see :func:`flask_social.places.kind_of`;
        ``checked`` is for what its file alone can tell. ``client_id`` is among them where the
        client's id stands in an address, or is made of one.
    """
    return NEEDS.get(provider_id, {})


def proofs(provider_id: str) -> Sequence[str]:
    """By what the stock provider knows an application: settings, most often id and secret."""
    return PROOFS.get(provider_id, ("consumer_key", "consumer_secret"))


def fate(name: str) -> str | None:
    """What became of the provider *name* that is none here, in a sentence or two."""
    if (gone := GONE.get(ALIASES.get(name, name))) is None or resolve(name) is not None:
        return None
    sentence, successor = gone
    return f"{sentence} Use SOCIAL_{successor.upper()} instead." if successor else sentence


def like(name: str, *, most: int) -> list[str]:
    """The ids and aliases that *name* may be a misspelling of, *most* of them at most."""
    return difflib.get_close_matches(name, sorted(_files() | ALIASES.keys()), n=most)
