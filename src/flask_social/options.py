"""One provider's mapping, read: old names made new, values made whole, and nothing shared.

What a key means depends on the provider it is for, which is therefore found first.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from . import places, vendors
from .client_keys import CLIENT_KEYS
from .errors import ConfigurationError
from .kinds import declared, misfit, settable
from .protocols.credentials import METHODS
from .protocols.identity import Source
from .protocols.identity import fields as identity_fields

OLD_NAMES = {
    "base_url": "api_url",
    "access_token_url": "token_url",
    "access_token_params": "token_params",
    "access_token_method": "token_method",
}
"""Keys of 1.6, and what they are called now. One more depends on the kind of provider:
``request_token_params``."""

OTHER_NAMES = {"scope": "scopes", "token_endpoint_auth_method": "client_auth"}
TIES = {"state", "nonce", "code_challenge", "code_challenge_method", "code_verifier"}
"""Parameters that tie an answer to its trip."""
LOWERED = {
    "require_iss": False,
    "nonce": False,
    "auth_time": False,
    "assume_bearer": True,
    "reauthenticates": True,
    "token_method": "GET",
    "request_token_method": "GET",
    "signature_method": "PLAINTEXT",
    "email_trust": "always",
}
"""The values by which a field takes protection away, where it is not the provider's own.

``pkce=False`` is another: the start warns of it whoever says so."""
OLDER = {*OLD_NAMES, "request_token_params", "scope"}
"""Where both are given, the new name wins."""
IGNORED = {"module", "provider", "id", "install"}
HTTP_METHODS = ("GET", "POST")


def read_changes(key: str, options: Mapping[str, Any], provider: Any) -> dict[str, Any]:
    """What *options* change: fields of *provider*, and places in its addresses, by new names.

    ``None`` is as if a key were not there. A field that is a mapping holds what to put
    :func:`on_top` of the provider's own.

    :raises ConfigurationError: for what the provider does not have or cannot take.
    """
    known, hints = settable(provider), declared(type(provider))
    to_fill = places.to_fill(provider)
    changes: dict[str, Any] = {}
    own = set(getattr(provider, "credentials", ()))
    for name in sorted(_given(options) - own, key=lambda each: each not in OLDER):
        if name in to_fill:
            changes[name] = places.read(key, name, options[name], provider)
            continue
        for field, value in _translated(key, name, options[name], known).items():
            if field not in known:
                raise ConfigurationError(_unknown(key, name, provider))
            said = without_none(value) if isinstance(value, Mapping) else value
            if said == "" and is_url(field):
                raise ConfigurationError(f"{key}: {name} is empty. Give an address, or None.")
            if field == "renames" and isinstance(said, Mapping):
                _require_others(key, said)
            if field in hints and (wanted := misfit(hints[field], said)):
                raise ConfigurationError(f"{key}: {name} must be {wanted}.")
            changes = on_top(changes, {field: value})
    return changes


def _require_others(key: str, renames: Mapping[str, Any]) -> None:
    """:raises ConfigurationError: when *renames* touch what ties an answer to its trip.

    By another name a provider would not heed it, and nobody would notice.
    """
    if touched := TIES & {*renames, *(each for each in renames.values() if isinstance(each, str))}:
        raise ConfigurationError(f"{key}: {min(touched)} is not to be renamed.")


def new_names(options: Mapping[str, Any]) -> set[str]:
    """The keys that *options* give a value, by their new names."""
    return {OLD_NAMES.get(each, each) for each, value in options.items() if value is not None}


def on_top(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """*base* changed by *changes*, mappings in it member by member; neither is touched."""
    merged = dict(base)
    for name, value in changes.items():
        below = merged.get(name)
        if isinstance(value, Mapping):
            value = {**(below if isinstance(below, Mapping) else {}), **value}  # noqa: PLW2901
        merged[name] = value
    return merged


def without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    """*members* but those that are ``None``, by which a configuration leaves one out."""
    return {name: value for name, value in members.items() if value is not None}


def is_url(field: str) -> bool:
    """Whether *field* of a provider holds an address."""
    return field == "issuer" or field.endswith("_url")


def lowered(provider: Any, changes: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of *changes* that take protection away from *provider*, in words."""
    return tuple(
        f"{name}={value!r}"
        for name, value in LOWERED.items()
        if changes.get(name) == value != getattr(provider, name, None)
    )


def _given(options: Mapping[str, Any]) -> set[str]:
    """The keys that are about the provider, as they are spelt."""
    ours = CLIENT_KEYS.keys() | IGNORED
    return {each for each, value in options.items() if each not in ours and value is not None}


def _translated(key: str, name: str, value: Any, known: set[str]) -> dict[str, Any]:
    """The fields that *name* stands for, with their values made whole."""
    if name == "request_token_params":
        return _request_token_params(key, value, known)
    if name == "token_endpoint_auth_method":
        if not isinstance(value, str) or value not in METHODS:
            raise ConfigurationError(
                f"{key}: {name} is one of {', '.join(METHODS)}, not {value!r}."
            )
        return {OTHER_NAMES[name]: METHODS[value]}
    if name == "identity" and isinstance(value, Mapping):
        return {name: _identity(key, value)}
    if name == "api_client":
        return {"api": vendors.find(key, value)}
    field = OLD_NAMES.get(name) or OTHER_NAMES.get(name, name)
    if field in ("token_method", "request_token_method"):
        return {field: _http_method(key, name, value)}
    if field == "scopes" and "request_params" in known:
        raise ConfigurationError(
            f"{key}: OAuth 1.0a has no scopes. What the provider wants of the kind goes into "
            f"request_params, such as {{'scope': ...}}."
        )
    return {field: _whole(field, value)}


def _request_token_params(key: str, value: Any, known: set[str]) -> dict[str, Any]:
    """What 1.6 sent first: to OAuth 1.0a's request token URL, else along with the person."""
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{key}: request_token_params must be a mapping.")
    if "request_params" in known:
        return {"request_params": dict(value)}
    params = {each: member for each, member in value.items() if each != "scope"}
    scopes = {"scopes": _whole("scopes", value["scope"] or ())} if "scope" in value else {}
    return ({"authorize_params": params} if params else {}) | scopes


def _http_method(key: str, name: str, value: Any) -> str:
    if isinstance(value, str) and value.upper() in HTTP_METHODS:
        return value.upper()
    raise ConfigurationError(f"{key}: {name} is {' or '.join(HTTP_METHODS)}, not {value!r}.")


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


def _unknown(key: str, name: str, provider: Any) -> str:
    names = settable(provider) | places.places(provider) | CLIENT_KEYS.keys() | OLDER
    others = {"request_token_url", "api_client"} if "api" in names else {"request_token_url"}
    near = nearest(name, names | others)
    hint = f" Did you mean {near}?" if near else ""
    return f"{key}: {provider.name} has no setting {name!r}.{hint}"


def nearest(name: Any, names: Iterable[str]) -> str | None:
    """The one of *names* that *name* may be a misspelling of."""
    return next(iter(difflib.get_close_matches(str(name), sorted(names), n=1)), None)
