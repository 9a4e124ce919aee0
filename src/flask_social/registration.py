"""One provider's configuration, made a provider and a client."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from importlib import import_module
from typing import Any

from . import compat, providers
from .addresses import made_whole, require_address, require_addresses
from .errors import ConfigurationError
from .options import (
    PLACE,
    lowered,
    nearest,
    new_names,
    on_top,
    places,
    read_changes,
    read_client,
    settable,
    without_none,
)
from .protocols.base import Provider
from .values import Client

NAME = re.compile(r"[\w-]{1,64}")
"""A provider's: a part of addresses, and of a row."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A provider and what the application registered there."""

    provider: Provider
    client: Client
    module: str | None = None
    """The dotted name of the module that defines the provider; ``None`` for configuration alone."""
    lowered: tuple[str, ...] = ()
    """What the application says that takes protection away, as ``pkce=False``."""


@dataclass(frozen=True, slots=True)
class Found:
    """A provider as somebody else defined it, not altered yet."""

    provider: Any
    module: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    """What a module of 1.6 gives in the same words as the application."""


def register(
    name: str, options: Mapping[str, Any], *, sandbox_url: str | None, allow_http: bool
) -> Registration:
    """The provider that ``SOCIAL_<NAME>`` configures.

    :param options: the mapping; besides the client's keys, any field of the provider. It is
        put on top of what the provider is by itself, mappings in it member by member.
    :param sandbox_url: where the sandbox plays it instead, if anywhere.
    :param allow_http: whether its addresses may be plain http.
    :raises ConfigurationError: when something is missing, misspelt or insecure.
    """
    key = f"SOCIAL_{name.upper()}"
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            f"{key} cannot be a provider: its name, which stands in addresses, has letters, "
            f"digits, '_' and '-', 64 of them at most."
        )
    found = _find(key, name, options)
    client = read_client(key, {**found.config, **without_none(options)}, found.provider)
    changes = on_top(
        read_changes(f"{key}: {found.module}", found.config, found.provider),
        read_changes(key, options, found.provider),
    )
    provider = _altered(key, found.provider, changes)
    if sandbox_url and hasattr(provider, "moved_to"):
        provider = provider.moved_to(sandbox_url)
    require_addresses(key, provider, allow_http=allow_http)
    return Registration(provider, client, found.module, lowered(found.provider, changes))


def _find(key: str, name: str, options: Mapping[str, Any]) -> Found:
    """What the application's module defines, the stock provider *name*, or one without a file."""
    if options.get("id") not in (None, name):
        raise ConfigurationError(f"{key}: id must be {name!r}, like the key.")
    if options.get("module") is not None:
        return _of_module(key, name, options)
    if stock := providers.find(name):
        return Found(stock, f"{providers.__name__}.{name}")
    return Found(_of_options(key, name, new_names(options), options))


def _of_module(key: str, name: str, options: Mapping[str, Any]) -> Found:
    """What the module defines that *options* name by its dotted name, or are given itself."""
    module = _imported(key, options["module"])
    known_as: str | None = getattr(module, "__name__", None)
    provider: Any = getattr(module, "provider", None)
    if hasattr(provider, "begin") and hasattr(provider, "complete"):
        return Found(_named(key, name, provider), known_as)
    if not compat.is_old(module):
        raise ConfigurationError(
            f"{key}: {module!r} has no provider with begin() and complete(), nor the config and "
            f"the functions of a module for Flask-Social 1.6."
        )
    # A module of 1.6 may serve under several keys: which one this is, the key says.
    config = {each: value for each, value in module.config.items() if each != "id"}
    given = new_names(config) | new_names(options)
    old = _made(key, lambda: compat.as_provider(module, name, given))
    return Found(old, compat.name_of(module), config)


def _imported(key: str, module: Any) -> Any:
    if not isinstance(module, str):
        return module
    try:
        return import_module(module)
    except (ImportError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{key}: module {module!r} cannot be imported: {error}") from None


def _named(key: str, name: str, provider: Any) -> Any:
    """*provider* under the id that its key, and thus its routes, give it."""
    if provider.id != name and not is_dataclass(provider):
        raise ConfigurationError(f"{key}: the provider's id must be {name!r}, like the key.")
    return provider if provider.id == name else replace(provider, id=name)


def _of_options(key: str, name: str, given: set[str], options: Mapping[str, Any]) -> Provider:
    """A provider that only the configuration knows; *given* tells its protocol."""
    title = name.replace("_", " ").title()
    if "issuer" in given:
        from .protocols.oidc import OIDC

        require_address(key, "issuer", options["issuer"])
        made: Provider = _made(key, lambda: OIDC(id=name, name=title, issuer=options["issuer"]))
        return made
    _require_given(key, name, given)
    if "request_token_url" in given:
        from .protocols.oauth1 import OAuth1

        return OAuth1(id=name, name=title)
    from .protocols.oauth2 import OAuth2

    return OAuth2(id=name, name=title)


def _require_given(key: str, name: str, given: set[str]) -> None:
    """:raises ConfigurationError: when a provider of OAuth lacks what it cannot do without."""
    missing = [each for each in ("authorize_url", "token_url") if each not in given]
    if missing and "request_token_url" in given:
        raise ConfigurationError(
            f"{key} has a request_token_url, which makes it a provider of OAuth 1.0a, and lacks "
            f"the {' and the '.join(missing)}."
        )
    if missing:
        near = nearest(name, providers.names())
        hint = f" Did you mean SOCIAL_{near.upper()}?" if near else ""
        raise ConfigurationError(
            f"{key} is no stock provider.{hint} For one of your own give an issuer "
            f"(OpenID Connect), or the {' and '.join(missing)} that it lacks (OAuth 2.0; with a "
            f"request_token_url OAuth 1.0a)."
        )
    if missing := [each for each in ("api_url", "identity") if each not in given]:
        raise ConfigurationError(
            f"{key} has no {' and no '.join(missing)}: without them nobody knows who signs in."
        )


def _altered(key: str, provider: Any, changes: Mapping[str, Any]) -> Any:
    """*provider* with fields replaced, its mappings as copies of our own and its places filled."""
    known = settable(provider)
    if unfilled := sorted(places(provider) - changes.keys()):
        raise ConfigurationError(f"{key} has no {', '.join(unfilled)}, which its addresses need.")

    def fill(text: str) -> str:
        return PLACE.sub(lambda place: str(changes[place[1]]), text)

    own = {each: getattr(provider, each) for each in known}
    altered: dict[str, Any] = {
        each: fill(value) if isinstance(value, str) else value
        for each, value in own.items()
        if isinstance(value, Mapping) or (isinstance(value, str) and PLACE.search(value))
    }
    altered = on_top(altered, {each: changes[each] for each in known & changes.keys()})
    for each, value in altered.items():
        altered[each] = without_none(value) if isinstance(value, Mapping) else value
    altered |= made_whole(own | altered, changes)
    return _made(key, lambda: replace(provider, **altered)) if altered else provider


def _made(key: str, make: Callable[[], Any]) -> Any:
    """What *make* returns; what a protocol refuses is told under the key that asked for it."""
    try:
        return make()
    except (ConfigurationError, ValueError) as error:
        raise ConfigurationError(f"{key}: {error}") from None
