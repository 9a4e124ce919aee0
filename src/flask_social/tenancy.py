"""A provider out of a table: what a tenant, who is not the operator, may say of it.

A tenant may name a server and a client. A row names no code, takes no protection away, and makes
nobody's e-mail address a verified one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import naming, places, providers, registration
from .errors import ConfigurationError
from .once import Once
from .registration import Made, Registration

CLIENT = frozenset({
    "consumer_key", "client_id", "consumer_secret", "client_secret", "private_key", "key_id",
    "token_endpoint_auth_method",
})  # fmt: skip
ADDRESSES = frozenset({
    "issuer", "discovery_url", "authorize_url", "token_url", "access_token_url", "userinfo_url",
    "jwks_url", "revoke_url", "api_url", "base_url",
})  # fmt: skip
MANNERS = frozenset({
    "name", "color", "scopes", "scope", "scope_separator", "authorize_params", "token_params",
    "access_token_params", "offline", "offline_params", "profile_call", "identity", "userinfo",
    "algorithms", "required_claims",
})  # fmt: skip
KEYS = CLIENT | ADDRESSES | MANNERS | {"provider"}
"""What such a mapping may hold, beside the places and credentials of the stock provider it names.

It says nothing that takes protection away, and names no module, client library or function.
"""


def register(
    name: str, options: Mapping[str, Any], *, sandbox_url: str | None, allow_http: bool
) -> Registration:
    """The provider that a row describes in the words of ``SOCIAL_<NAME>``, read now.

    :raises ConfigurationError: as :func:`.registration.register` does, and for what no row may say.
    """
    key = naming.key_of(name)
    given = {each for each, value in options.items() if value is not None}
    stock = naming.stock_of(key, name, options)
    own = set() if stock is None else _own(providers.find(stock))
    if refused := sorted(str(each) for each in given - KEYS - own):
        raise ConfigurationError(f"{key}: {refused[0]!r} is not for a provider source to set.")
    found = registration.register(name, options, sandbox_url=sandbox_url, allow_http=allow_http)
    made = found.making.get()
    unverified: Any = replace(made.provider, email_trust="never")  # type: ignore[type-var]
    return replace(found, making=_as_it_is(replace(made, provider=unverified)))


def _own(provider: Any) -> set[str]:
    """The settings that only the stock *provider* has: its places and its credentials."""
    return {*places.to_fill(provider), *provider.credentials}


def _as_it_is(made: Made) -> Once[Made]:
    once = Once(lambda: made)
    once.get()
    return once
