"""Which provider a configuration's key and its ``provider`` name, and what people call it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from . import places, providers
from .errors import ConfigurationError
from .options import new_names

T = TypeVar("T")

NAME = re.compile(r"[\w-]{1,64}")
"""A provider's: a part of addresses, and of a row."""
WHOLE = ({"issuer"}, {"authorize_url", "token_url"})
"""What makes a provider of the application's own, under a name that is another's alias too."""
MOVED_BY = ("issuer", "token_url", "api_url")
"""Fields whose host tells one instance from another."""


def key_of(name: str) -> str:
    """The configuration key of the provider *name*.

    :raises ConfigurationError: when that cannot be a provider's.
    """
    key = f"SOCIAL_{name.upper()}"
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            f"{key} cannot be a provider: its name, which stands in addresses, has letters, "
            f"digits, '_' and '-', 64 of them at most."
        )
    return key


def stock_of(key: str, name: str, options: Mapping[str, Any]) -> str | None:
    """The id of the stock provider that *options* are for; ``None`` for one of another's making.

    That is the one that they name as ``provider``, else the one whose id, or alias, the key is.
    """
    asked, given = options.get("provider"), new_names(options)
    if "module" in given:
        if asked is not None:
            raise ConfigurationError(f"{key} has a provider and a module: give one of them.")
        return None
    if asked is None:
        found = providers.resolve(name)
        is_own = found != name and any(enough <= given for enough in WHOLE)
        return None if is_own else found
    if isinstance(asked, str) and (found := providers.resolve(asked)):
        return found
    raise ConfigurationError(f"{key}: {_no_such_provider(asked)}")


def _no_such_provider(asked: Any) -> str:
    if not isinstance(asked, str):
        return "provider must be the id of a stock provider, a text."
    if fate := providers.fate(asked):
        return fate
    near = [repr(each) for each in providers.like(asked.lower(), most=3)]
    return f"provider {asked!r} is no stock provider.{_did_you_mean(near)}"


def no_stock_provider(key: str, name: str, missing: Collection[str]) -> str:
    """Why *key* is no provider, and what would make it one.

    :param missing: the addresses of a provider of OAuth 2.0 that it lacks.
    """
    if fate := providers.fate(name):
        return f"{key}: {fate}"
    near = [f"SOCIAL_{each.upper()}" for each in providers.like(name, most=1)]
    return (
        f"{key} is no stock provider.{_did_you_mean(near)} For one of your own give an issuer "
        f"(OpenID Connect), or the {' and '.join(missing)} that it lacks (OAuth 2.0; with a "
        f"request_token_url OAuth 1.0a)."
    )


def _did_you_mean(names: Sequence[str]) -> str:
    return f" Did you mean {' or '.join(names)}?" if names else ""


def under(key: str, make: Callable[[], T]) -> T:
    """What *make* returns; what a protocol refuses is told under the key that asked for it."""
    try:
        return make()
    except (ConfigurationError, ValueError) as error:
        told = str(error).removeprefix(f"{key.removeprefix('SOCIAL_').lower()}: ")
        raise ConfigurationError(f"{key}: {told}") from None


# For people.


def name_of(name: str, stock: str, told: Sequence[str] = ()) -> str:
    """What people call the provider *name*, which is the *stock* one or an instance of it.

    :param told: by what an instance is told from others, see :func:`told_apart`.
    """
    title, _color = providers.look(stock)
    if providers.resolve(name) == stock:
        return title_of(name) if name in providers.ELSEWHERE else title
    return f"{title} ({', '.join(told)})" if told else title_of(name)


def title_of(name: str) -> str:
    """What people call a provider of which nothing but its *name* is known."""
    return name.replace("_", " ").title()


def told_apart(changes: Mapping[str, Any], kinds: Mapping[str, str]) -> list[str]:
    """By what *changes* tell an instance from others, its host first.

    :param kinds: what may stand at each of the provider's places.
    """
    given = sorted(kinds.keys() & changes.keys())
    if given:
        hosts = [each for each in given if kinds[each] == places.HOST]
        return [changes[each] for each in dict.fromkeys([*hosts, *given])]
    moved = [urlsplit(str(changes[each])).netloc for each in MOVED_BY if changes.get(each)]
    return [each for each in moved if "@" not in each][:1]
