"""One provider's configuration, made a provider and a client."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib import import_module
from typing import Any

from . import providers
from .errors import ConfigurationError
from .kinds import declared, misfit
from .origins import origin_of
from .protocols.base import Provider
from .protocols.credentials import METHODS
from .protocols.identity import Source
from .protocols.identity import fields as identity_fields
from .values import Client

CLIENT_KEYS = {
    "consumer_key": "id",
    "client_id": "id",
    "consumer_secret": "secret",
    "client_secret": "secret",
    "private_key": "private_key",
    "key_id": "key_id",
}
OLD_NAMES = {
    "base_url": "api_url",
    "access_token_url": "token_url",
    "access_token_params": "token_params",
}
"""Keys of 1.6, and what they are called now."""

IGNORED = {"module", "id", "install"}
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Registration:
    """A provider and what the application registered there."""

    provider: Provider
    client: Client
    module: str | None = None
    """The dotted name of the module that defines the provider; ``None`` for configuration alone."""


def register(
    name: str, options: Mapping[str, Any], *, sandbox_url: str | None, allow_http: bool
) -> Registration:
    """The provider that ``SOCIAL_<NAME>`` configures.

    :param options: the mapping; besides the client's keys, any field of the provider.
    :param sandbox_url: where the sandbox plays it instead, if anywhere.
    :param allow_http: whether its addresses may be plain http.
    :raises ConfigurationError: when something is missing, misspelt or insecure.
    """
    key = f"SOCIAL_{name.upper()}"
    client = _client(key, options)
    provider = _provider(key, name, options)
    if sandbox_url and hasattr(provider, "moved_to"):
        provider = provider.moved_to(sandbox_url)
    _require_addresses(key, provider, allow_http=allow_http)
    return Registration(provider, client)


def _client(key: str, options: Mapping[str, Any]) -> Client:
    """What the application registered at the provider."""
    members = {CLIENT_KEYS[each]: value for each, value in options.items() if each in CLIENT_KEYS}
    for each, value in members.items():
        if value is not None and not isinstance(value, str):
            raise ConfigurationError(f"{key}: the consumer's {each} must be a text.")
    is_public = options.get("token_endpoint_auth_method") == "none"
    lacking = {
        "consumer_key": not members.get("id"),
        "consumer_secret": not (members.get("secret") or members.get("private_key") or is_public),
    }
    for each in (each for each, is_lacking in lacking.items() if is_lacking):
        near = difflib.get_close_matches(each, map(str, options.keys() - CLIENT_KEYS.keys()), n=1)
        hint = f"Is {near[0]!r} misspelt?" if near else "The provider gave it when you registered."
        raise ConfigurationError(f"{key} has no {each}. {hint}")
    return Client(**members)


def _provider(key: str, name: str, options: Mapping[str, Any]) -> Provider:
    """The stock provider *name*, one from the application's module, or one from *options* alone."""
    if options.get("id", name) != name:
        raise ConfigurationError(f"{key}: id must be {name!r}, like the key.")
    changes = _changes(key, options)
    if options.get("module") is not None:
        provider = _named(key, name, _from_module(key, options["module"]))
    else:
        provider = providers.find(name) or _from_options(key, name, changes)
    return _altered(key, provider, changes)


def _changes(key: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's own fields out of *options*, old names made new and values made whole."""
    changes = {
        OLD_NAMES.get(each, each): value
        for each, value in options.items()
        if each not in CLIENT_KEYS and each not in IGNORED and value is not None
    }
    if (method := changes.pop("token_endpoint_auth_method", None)) is not None:
        if not isinstance(method, str) or method not in METHODS:
            raise ConfigurationError(
                f"{key}: token_endpoint_auth_method is one of {', '.join(METHODS)}, not {method!r}."
            )
        changes["client_auth"] = METHODS[method]
    if (params := changes.pop("request_token_params", None)) is not None:
        if not isinstance(params, Mapping):
            raise ConfigurationError(f"{key}: request_token_params must be a mapping.")
        extra = {each: value for each, value in params.items() if each != "scope"}
        changes = {"authorize_params": extra, "scopes": params.get("scope", ()), **changes}
    if "scope" in changes:
        changes["scopes"] = changes.pop("scope")
    if isinstance(changes.get("identity"), Mapping):
        changes["identity"] = _identity(key, changes["identity"])
    return {each: _whole(each, value) for each, value in changes.items()}


def _identity(key: str, sources: Mapping[str, Any]) -> Any:
    whole = {each: _whole(each, value) for each, value in sources.items()}
    for each, value in whole.items():
        if wanted := misfit(Source, value):
            raise ConfigurationError(f"{key}: identity: {each} must be {wanted}.")
    try:
        return identity_fields(**whole)
    except TypeError as error:
        raise ConfigurationError(f"{key}: identity: {error}") from None


def _whole(name: str, value: Any) -> Any:
    """Lists as tuples, scopes as a tuple however they are written, mappings as our own copy."""
    if name == "scopes" and isinstance(value, str):
        return tuple(filter(None, re.split(r"[ ,]+", value)))
    if isinstance(value, Mapping):
        return dict(value)
    return tuple(value) if isinstance(value, list) else value


def _from_module(key: str, module: Any) -> Provider:
    """The ``provider`` of a module, given as itself or by its dotted name."""
    if isinstance(module, str):
        try:
            module = import_module(module)
        except (ImportError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"{key}: module {module!r} cannot be imported: {error}"
            ) from None
    provider: Any = getattr(module, "provider", None)
    if not (hasattr(provider, "begin") and hasattr(provider, "complete")):
        raise ConfigurationError(f"{key}: {module!r} has no provider with begin() and complete().")
    found: Provider = provider
    return found


def _named(key: str, name: str, provider: Any) -> Provider:
    """*provider* under the id that its key, and thus its routes, give it."""
    if provider.id != name and not is_dataclass(provider):
        raise ConfigurationError(f"{key}: the provider's id must be {name!r}, like the key.")
    found: Provider = provider if provider.id == name else replace(provider, id=name)
    return found


def _from_options(key: str, name: str, changes: Mapping[str, Any]) -> Provider:
    """A provider that only the configuration knows."""
    title = name.replace("_", " ").title()
    if "issuer" in changes:
        from .protocols.oidc import OIDC

        _require_address(key, "issuer", changes["issuer"])
        return _made(key, lambda: OIDC(id=name, name=title, issuer=changes["issuer"]))
    if missing := [each for each in ("authorize_url", "token_url") if each not in changes]:
        near = difflib.get_close_matches(name, providers.names(), n=1)
        hint = f" Did you mean SOCIAL_{near[0].upper()}?" if near else ""
        raise ConfigurationError(
            f"{key} is no stock provider.{hint} For one of your own give an issuer "
            f"(OpenID Connect), or the {' and '.join(missing)} that it lacks (OAuth 2.0)."
        )
    if missing := [each for each in ("api_url", "identity") if each not in changes]:
        raise ConfigurationError(
            f"{key} has no {' and no '.join(missing)}: without them nobody knows who signs in."
        )
    from .protocols.oauth2 import OAuth2

    return OAuth2(id=name, name=title)


def _altered(key: str, provider: Any, changes: dict[str, Any]) -> Provider:
    """*provider* with fields replaced and the places in its addresses filled."""
    known = {each.name for each in fields(provider)} - {"id"} if is_dataclass(provider) else set()
    texts = {each: value for each in known if isinstance(value := getattr(provider, each), str)}
    places = {place for text in texts.values() for place in PLACE.findall(text)}
    for each in changes.keys() - known - places:
        near = difflib.get_close_matches(each, known | places | CLIENT_KEYS.keys(), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ConfigurationError(f"{key}: {provider.name} has no setting {each!r}.{hint}")
    hints = declared(type(provider))
    for each in changes.keys() & known & hints.keys():
        if wanted := misfit(hints[each], changes[each]):
            raise ConfigurationError(f"{key}: {each} must be {wanted}.")
    if unfilled := sorted(places - changes.keys()):
        raise ConfigurationError(f"{key} has no {', '.join(unfilled)}, which its addresses need.")

    def fill(text: str) -> str:
        return PLACE.sub(lambda place: str(changes[place[1]]), text)

    filled = {each: fill(text) for each, text in texts.items() if "{" in text}
    altered = filled | {each: value for each, value in changes.items() if each in known}
    return _made(key, lambda: replace(provider, **altered) if altered else provider)


def _made(key: str, make: Callable[[], Any]) -> Provider:
    """What *make* returns; what a protocol refuses is told under the key that asked for it."""
    try:
        found: Provider = make()
    except (ConfigurationError, ValueError) as error:
        raise ConfigurationError(f"{key}: {error}") from None
    return found


def _require_addresses(key: str, provider: Any, *, allow_http: bool) -> None:
    """:raises ConfigurationError: when an address of *provider* is none, or is plain http."""
    for each in fields(provider) if is_dataclass(provider) else ():
        value = getattr(provider, each.name)
        if not value or not (each.name == "issuer" or each.name.endswith("_url")):
            continue
        _require_address(key, each.name, value)
        if not allow_http and not value.lower().startswith("https:"):
            raise ConfigurationError(
                f"{key}: {each.name} is plain http, which anybody on the way can read and change. "
                f"Use https, or set SOCIAL_ALLOW_INSECURE_PROVIDERS."
            )


def _require_address(key: str, name: str, value: Any) -> None:
    if not isinstance(value, str) or not origin_of(value).startswith(("https:", "http:")):
        raise ConfigurationError(
            f"{key}: {name} must be an address such as 'https://provider.example/', not {value!r}."
        )
