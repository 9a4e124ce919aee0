"""The fields that a configuration may set, and whether a value is of the type one declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

NAMES: dict[Any, str] = {
    str: "a text",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    tuple: "a list of texts",
    Mapping: "a mapping of texts",
    Callable: "a function",
    NoneType: "None",
}

NOT_SETTABLE = {"id", "module", "places", "credentials", "proofs", "played_at"}
"""Fields of a provider that are not for a configuration to set."""


def settable(provider: Any) -> set[str]:
    """The fields of *provider* that a configuration may set."""
    if not is_dataclass(provider):
        return set()
    return {each.name for each in fields(provider) if each.init} - NOT_SETTABLE


def _declared(kind: type) -> dict[str, Any]:
    try:
        return get_type_hints(kind)
    except (NameError, TypeError):
        return {}


declared: Callable[[type], dict[str, Any]] = cache(_declared)
"""The types that a class declares for its fields; none where they cannot be told."""


def misfit(hint: Any, value: Any) -> str | None:
    """What *value* should be instead, in words; ``None`` when it fits *hint*."""
    members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if Any in members:
        return None
    kinds = [get_origin(each) or each for each in members]
    if any(_is_of(kind, value) for kind in kinds):
        return None
    wanted = [NAMES.get(kind, kind.__name__) for kind in kinds if kind is not NoneType]
    return " or ".join(wanted)


def _is_of(kind: Any, value: Any) -> bool:
    """Whether *value* is a *kind*, and what it holds is text. ``True`` is no number."""
    if isinstance(value, bool):
        return kind is bool
    if kind is float:
        return isinstance(value, int | float)
    if kind is tuple:
        return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    if kind is Mapping:
        held = [*value, *value.values()] if isinstance(value, Mapping) else [None]
        return all(isinstance(each, str) for each in held)
    return isinstance(value, kind)
