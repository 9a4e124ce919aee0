"""Where the parts of an identity come from, and what a provider's file says of itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from types import ModuleType
from typing import Any

LABELS = {
    "subject": "account id",
    "username": "user name",
    "name": "name",
    "email": "e-mail address",
    "email_verified": "whether the address was checked",
    "profile_url": "address of the profile",
    "image_url": "picture",
}
"""The parts of an identity, in the order in which they are told."""

ADDRESS = re.compile(r" -- (https?://\S+)")


def of_identity(provider: Any) -> dict[str, str] | None:
    """Where each part of an identity stands in what *provider* tells, in words.

    :returns: ``None`` where a function that tells nothing about itself reads the identity.
    """
    told = _sources(provider)
    if told is not None and hasattr(provider, "trusted_tenants"):
        told["subject"] = f"`tid`, a dot, and {told['subject']}"
    return told


def _sources(provider: Any) -> dict[str, str] | None:
    identity = getattr(provider, "identity", None)
    if identity is None and hasattr(provider, "algorithms"):
        from ..protocols.identity import standard_claims as identity
    sources = getattr(identity, "sources", None)
    if not isinstance(sources, Mapping):
        return None
    asked = _asked(provider, sources)
    return {name: in_words(sources[name]) for name in LABELS if name in asked}


def _asked(provider: Any, sources: Mapping[str, Any]) -> set[str]:
    """The parts that have a source which is asked for.

    Some standard claims come by the scope ``profile`` alone (OpenID Connect Core 5.4).
    """
    asked = {name for name, source in sources.items() if source is not None}
    scopes = getattr(provider, "scopes", ())
    if not hasattr(provider, "nonce") or any("profile" in each for each in scopes):
        return asked
    standard = {"username": "preferred_username", "profile_url": "profile", "image_url": "picture"}
    return asked - {name for name, claim in standard.items() if sources.get(name) == claim}


def in_words(source: Any) -> str:
    """One source: a path or a template in backticks, a list of them, or what a function is for."""
    if isinstance(source, str):
        return f"`{source}`"
    if isinstance(source, tuple):
        return ", else ".join(in_words(each) for each in source)
    if said := _first_line(source):
        return _joined(said[:1].lower() + said[1:].rstrip("."))
    name = getattr(source, "__name__", "<lambda>")
    return "worked out" if name == "<lambda>" else f"worked out by `{name}`"


def documentation(module: ModuleType | None) -> str | None:
    """The address that the docstring of a provider's file names."""
    found = ADDRESS.search(_docstring(module).partition("\n")[0])
    return found[1] if found else None


def remarks(module: ModuleType | None) -> tuple[str, ...]:
    """What an operator has to know of a provider, as its file says it: a paragraph each."""
    paragraphs = re.split(r"\n\s*\n", _docstring(module))[1:]
    return tuple(_joined(each) for each in paragraphs if each.strip())


def quirks(module: ModuleType | None, told: Collection[str] = ()) -> tuple[str, ...]:
    """What the functions and classes of a provider's file are there for.

    :param told: what is said already of where the parts of an identity come from.
    """
    defined = [each for each in vars(module).values() if _is_of(each, module)] if module else []
    known = [each for each in sorted(defined, key=_line) if in_words(each) not in told]
    return tuple(_joined(said) for each in known if (said := _first_paragraph(each)))


def _is_of(member: Any, module: ModuleType | None) -> bool:
    """Whether *member* is a function or a class that the file defines."""
    own = getattr(member, "__module__", None) == getattr(module, "__name__", "")
    return own and (inspect.isfunction(member) or inspect.isclass(member))


def _line(member: type | Callable[..., Any]) -> int:
    """Where it begins; a class where its first method does."""
    functions = [member] if inspect.isfunction(member) else list(vars(member).values())
    lines = [each.__code__.co_firstlineno for each in functions if inspect.isfunction(each)]
    return min(lines, default=0)


def _first_paragraph(member: Any) -> str:
    return re.split(r"\n\s*\n", inspect.cleandoc(member.__doc__ or ""))[0]


def _first_line(member: Any) -> str:
    return (inspect.getdoc(member) or "").partition("\n")[0] if inspect.isfunction(member) else ""


def _docstring(module: ModuleType | None) -> str:
    return inspect.cleandoc((module and module.__doc__) or "")


def _joined(paragraph: str) -> str:
    """*paragraph* in one line, its roles of reStructuredText as plain names."""
    plain = re.sub(r":\w+:`~?\.?([^`]+)`", r"`\1`", paragraph)
    return " ".join(plain.replace("``", "`").split())
