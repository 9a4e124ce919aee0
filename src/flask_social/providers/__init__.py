"""The stock providers: one file each, imported when a configuration first names it."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from ..protocols.base import Provider


def names() -> list[str]:
    """The ids of all stock providers, none of them imported."""
    return sorted(module.name for module in iter_modules(__path__))


def find(provider_id: str) -> Provider | None:
    """The stock provider called *provider_id*, or ``None``."""
    if provider_id not in names():
        return None
    provider: Provider = import_module(f"{__name__}.{provider_id}").provider
    return provider
