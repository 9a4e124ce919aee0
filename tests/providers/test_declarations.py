"""What every file of the catalogue has to have: a test fails where one lacks something."""

from __future__ import annotations

import ast
import inspect
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from flask_social import providers
from flask_social.protocols.profile import EMAIL_TRUSTS
from tests.providers.golden import HERE

HOME = providers.__name__
NAMES = providers.names()
OWN_WORDS = ("DOCS", "TODO", "FIXME", "XXX")


def source(provider_id: str) -> str:
    """The text of the provider's file."""
    return Path(str(providers.__path__[0]), f"{provider_id}.py").read_text("utf-8")


def module(provider_id: str) -> Any:
    """The module of the provider's file."""
    assert providers.find(provider_id) is not None
    return sys.modules[f"{HOME}.{provider_id}"]


def hooks(provider_id: str) -> Iterator[tuple[str, Any]]:
    """The functions that the provider declares beside its data, each with the name of its field.

    A kind of its own is one too.
    """
    provider = module(provider_id).provider
    if type(provider).__module__ == f"{HOME}.{provider_id}":
        yield "kind", type(provider)
    for each in fields(provider):
        value = getattr(provider, each.name)
        if callable(value) and value is not each.default and each.init:
            yield each.name, value


def origin(hook: Any) -> str:
    """Where a hook is written, by which those of two providers are told apart or are the same."""
    return f"{hook.__module__}.{hook.__qualname__}"


@cache
def users() -> Counter[str]:
    """How many providers declare each hook."""
    return Counter(origin(hook) for each in NAMES for _, hook in hooks(each))


def written_here(provider_id: str, hook: Any) -> bool:
    return str(hook.__module__) == f"{HOME}.{provider_id}"


def test_there_are_more_than_two_hundred_and_twenty() -> None:
    assert len(NAMES) >= 220


@pytest.mark.parametrize("provider_id", NAMES)
def test_it_has_its_golden_files(provider_id: str) -> None:
    found = {each.stem for each in (HERE / provider_id).glob("*.json")}
    assert found == {"token", "profile", "identity"}


@pytest.mark.parametrize("provider_id", NAMES)
def test_its_first_line_names_it_and_where_it_is_documented(provider_id: str) -> None:
    first = ast.get_docstring(ast.parse(source(provider_id))) or ""
    name, dash, address = first.splitlines()[0].partition(" -- ")
    assert (name, dash) == (module(provider_id).provider.name, " -- ")
    assert address.startswith("https://")
    assert " " not in address
    assert not [word for word in OWN_WORDS if word in source(provider_id)]


@pytest.mark.parametrize("provider_id", NAMES)
def test_it_says_what_its_word_on_an_address_is_worth(provider_id: str) -> None:
    assert module(provider_id).provider.email_trust in EMAIL_TRUSTS


@pytest.mark.parametrize("provider_id", NAMES)
def test_its_hooks_are_explained(provider_id: str) -> None:
    """By what is written above one that is its own, or by another provider that has it too.

    A stock function that this one alone has is explained by the file's own docstring, or by a
    comment above it.
    """
    text = source(provider_id)
    for field, hook in hooks(provider_id):
        if written_here(provider_id, hook):
            assert inspect.getdoc(hook), f"{field}: {hook.__qualname__} has no docstring"
        elif users()[origin(hook)] < 2:
            above = text.partition(f"\n    {field}=")[0].splitlines()
            lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
            told = above[-1].lstrip().startswith("#") or len(lines) > 1
            assert told, f"{field}: nobody says why it is {hook.__qualname__}"


@pytest.mark.parametrize("provider_id", NAMES)
def test_it_is_short(provider_id: str) -> None:
    assert len(source(provider_id).splitlines()) <= 45


def test_most_are_shorter() -> None:
    assert median(len(source(each).splitlines()) for each in NAMES) <= 20
