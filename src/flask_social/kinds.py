"""Whether a configured value is of the type that the field it is meant for declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def declared(kind: type) -> dict[str, Any]:
    """The types that *kind* declares for its fields; none where they cannot be told."""
    try:
        return get_type_hints(kind)
    except (NameError, TypeError):
        return {}


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
