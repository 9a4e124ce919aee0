"""A provider's configuration to copy, and the sentences about its parts."""

from __future__ import annotations

from .keys import Key
from .portrait import LISTED, Portrait, Scope


def options(it: Portrait) -> dict[str, str]:
    """A mapping for the configuration, with an example for each key that has to be there."""
    return {each.name: each.example for each in it.keys if each.required}


def source(it: Portrait, name: str | None = None) -> str:
    """The same as it is written in a configuration.

    :param name: that of the provider there, where it is not its id.
    """
    key = f"SOCIAL_{(name or it.id).upper()}"
    lines = [f'    "{each}": "{value}",' for each, value in options(it).items()]
    return "\n".join([f"{key} = {{", *lines, "}"]) if lines else f"{key} = {{}}"


def instances(it: Portrait, key: str | None = None) -> str:
    """How visitors get to name the instance; empty where there is but the one of the configuration.

    :param key: the one that configures it already, if any does.
    """
    if it.visitors is None:
        return ""
    if it.visitors == LISTED:
        switch = "" if key else 'With `"per_visitor": True` '
        return f"{switch}visitors choose one of those in `instances`, each with keys of its own."
    if key:
        return "Visitors name theirs, and the application registers there by itself."
    return (
        f"With `SOCIAL_{it.id.upper()} = {{}}` visitors name theirs, and the application registers "
        "there by itself. What stands here is for one that you choose."
    )


def told(key: Key) -> str:
    """What a key means, and what stands for it where it may be left out."""
    if key.required:
        return key.meaning
    otherwise = f"{key.default} unless you say otherwise" if key.default else "may be left out"
    return f"{key.meaning}; {otherwise}"


def reason(scope: Scope) -> str:
    """Why a scope is asked for, and when if not always."""
    return f"{scope.why} (when an account is connected)" if scope.when == "connect" else scope.why
