"""One provider's configuration, made a provider and a client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from importlib import import_module
from typing import Any

from . import compat, mistakes, naming, places, providers, unread
from .addresses import made_whole, require_addresses
from .client_keys import needed, read_client, require
from .errors import ConfigurationError
from .kinds import settable
from .once import Once
from .options import (
    lowered,
    new_names,
    on_top,
    read_changes,
    without_none,
)
from .protocols.base import Provider
from .protocols.client_metadata import NO_ID, Site
from .unlisted import provider_of
from .values import Client


@dataclass(frozen=True, slots=True)
class Made:
    """A provider as the configuration makes it, and what the application registered there."""

    provider: Provider
    client: Client
    module: str | None
    lowered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """A provider and what the application registered there.

    A stock provider whose configuration can be judged without its file is read when it is first
    used.
    """

    id: str
    client: Client
    making: Once[Made] = field(repr=False)
    stock: str | None = None
    """The id of the stock provider that it is, or is made of."""
    title: str | None = field(default=None, repr=False)
    """Its name for people, of one that is not read yet."""

    @property
    def provider(self) -> Provider:
        """The provider, which is read now if it was not before."""
        return self.making.get().provider

    @property
    def name(self) -> str:
        """The provider's name for people."""
        return self.title or self.provider.name

    @property
    def color(self) -> str | None:
        """Of its brand, where that is known."""
        if self.stock is None or self.making.is_made:
            return getattr(self.provider, "color", None)
        return providers.look(self.stock)[1]

    @property
    def module(self) -> str | None:
        """The dotted name of the module that defines it; ``None`` for configuration alone."""
        return f"{providers.__name__}.{self.stock}" if self.stock else self.making.get().module

    @property
    def lowered(self) -> tuple[str, ...]:
        """What the application says that takes protection away, as ``pkce=False``."""
        return self.making.get().lowered


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
    key = naming.key_of(name)
    stock, options = naming.stock_of(key, name, options), dict(options)

    def make() -> Made:
        made = _make(key, name, options, stock)
        provider: Any = made.provider
        if sandbox_url and hasattr(provider, "moved_to"):
            provider = _moved(provider, sandbox_url, stock)
        require_addresses(key, provider, allow_http=allow_http)
        return replace(made, provider=provider)

    def make_late() -> Made:
        with mistakes.at_first_use(key):
            return make()

    if stock and (judged := unread.judge(key, name, options, stock)):
        return Registration(name, judged.client, Once(make_late), stock, judged.name)
    making = Once(make)
    return Registration(name, making.get().client, making, stock)


def _moved(provider: Any, sandbox_url: str, stock: str | None) -> Any:
    """*provider* at the sandbox, which tells by the address of what stock provider it is one."""
    if stock in (None, provider.id):
        return provider.moved_to(sandbox_url)
    return provider.moved_to(sandbox_url, f"{stock}~{provider.id}")


def _make(key: str, name: str, options: Mapping[str, Any], stock: str | None) -> Made:
    """The provider with what *options* change, and the client."""
    found = _find(key, name, options, stock)
    given = {**_unregistered(found.provider), **found.config, **without_none(options)}
    client = read_client(
        key,
        given,
        credentials=getattr(found.provider, "credentials", ()),
        needs=needed(found.provider, given),
    )
    changes = on_top(
        read_changes(f"{key}: {found.module}", found.config, found.provider),
        read_changes(key, options, found.provider),
    )
    if stock and "name" not in changes:
        kinds = {
            each: places.kind_of(found.provider, each) for each in places.to_fill(found.provider)
        }
        told = naming.told_apart(changes, kinds)
        changes |= {"name": naming.name_of(name, stock, told)}
    provider = _altered(key, found.provider, changes, client)
    require(key, given, needed(provider, given))
    return Made(provider, client, found.module, lowered(found.provider, changes))


def _unregistered(provider: Any) -> Mapping[str, Any]:
    """What stands for an application that *provider* will know by a document of its own."""
    if not hasattr(provider, "enrolled"):
        return {}
    return {"consumer_key": NO_ID}


def enrolled(found: Registration, site: Site) -> Registration:
    """*found* with the address by which its provider knows the application at *site*, if so.

    :raises ConfigurationError: where there is none.
    """
    enrol = getattr(found.provider, "enrolled", None) if found.making.is_made else None
    if enrol is None:
        return found
    key = naming.key_of(found.id)
    return replace(found, client=naming.under(key, lambda: enrol(found.client, site)))


def _find(key: str, name: str, options: Mapping[str, Any], stock: str | None) -> Found:
    """What the application's module defines, the *stock* provider, or one without a file."""
    if options.get("id") not in (None, name):
        raise ConfigurationError(f"{key}: id must be {name!r}, like the key.")
    if options.get("module") is not None:
        return _of_module(key, name, options)
    if stock:
        provider = providers.find_as(stock, options.get("provider") or name)
        return Found(_named(key, name, provider), f"{providers.__name__}.{stock}")
    return Found(provider_of(key, name, options))


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
    old = naming.under(key, lambda: compat.as_provider(module, name, given))
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


def _altered(key: str, provider: Any, changes: Mapping[str, Any], client: Client) -> Any:
    """*provider* with fields replaced, its mappings as copies of our own and its places filled."""
    known = settable(provider)
    filling = _filling(key, provider, changes, client)
    own = {each: getattr(provider, each) for each in known}
    copied = {each: dict(value) for each, value in own.items() if isinstance(value, Mapping)}
    said = {each: changes[each] for each in known & changes.keys()}
    altered = on_top(copied | places.filled(provider, filling), said)
    for each, value in altered.items():
        altered[each] = without_none(value) if isinstance(value, Mapping) else value
    altered |= made_whole(own | altered, changes)
    if getattr(provider, "places", None) is not None:
        altered["places"] = {
            each: filling[each] for each in places.to_fill(provider) & filling.keys()
        }
    return naming.under(key, lambda: replace(provider, **altered)) if altered else provider


def _filling(
    key: str, provider: Any, changes: Mapping[str, Any], client: Client
) -> Mapping[str, str]:
    """What stands at the places of *provider*. :raises ConfigurationError: when one is empty."""
    defaults = getattr(provider, "places", {})
    filling = {"client_id": client.id, **client.more, **defaults, **changes}
    said = changes.keys() | {"console"}  # which only people need, and not these
    if unfilled := sorted(places.places(provider, without=said) - filling.keys()):
        raise ConfigurationError(f"{key} has no {', '.join(unfilled)}, which its addresses need.")
    return filling
