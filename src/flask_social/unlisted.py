"""A provider that only the configuration knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import naming
from .addresses import require_address
from .errors import ConfigurationError
from .options import new_names
from .protocols.base import Provider


def provider_of(key: str, name: str, options: Mapping[str, Any]) -> Provider:
    """The provider that *options* describe, of the protocol that they give addresses for.

    Only what it cannot be made without is in it yet.

    :raises ConfigurationError: when it lacks what no provider can do without.
    """
    given, title = new_names(options), naming.title_of(name)
    if "issuer" in given:
        from .protocols.oidc import OIDC

        require_address(key, "issuer", options["issuer"])
        return naming.under(key, lambda: OIDC(id=name, name=title, issuer=options["issuer"]))
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
        raise ConfigurationError(naming.no_stock_provider(key, name, missing))
    if missing := [each for each in ("api_url", "identity") if each not in given]:
        raise ConfigurationError(
            f"{key} has no {' and no '.join(missing)}: without them nobody knows who signs in."
        )
