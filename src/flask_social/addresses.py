"""The addresses of one provider: paths made whole, and what is no address refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from .errors import ConfigurationError
from .options import is_url
from .origins import is_address

RELATIVE = ("request_token_url", "authorize_url", "token_url", "revoke_url")
"""Addresses that may be paths below ``api_url``, as below 1.6's ``base_url``."""
CREDENTIALS = re.compile(r"//[^/?#]*@")
HOST = re.compile(r"[^/?#]+\.[a-z]{2,}(?=[:/?#]|$)", re.IGNORECASE)
"""How a path begins that is rather an address without its scheme."""


def made_whole(whole: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The addresses that are paths below ``api_url``, made whole.

    Where the application moves a provider to another server, that server's tokens are not given
    back to the one that it stood for.
    """
    made: dict[str, Any] = {
        each: urljoin(whole.get("api_url", ""), whole[each])
        for each in RELATIVE
        if _is_path(whole.get(each))
    }
    moved = changes.keys() & {"issuer", "token_url"}
    if moved and whole.get("revoke_url") and "revoke_url" not in changes.keys() | made.keys():
        made["revoke_url"] = None
    return made


def _is_path(url: Any) -> bool:
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.path) and not (parts.scheme or parts.netloc or HOST.match(url))


def require_addresses(key: str, provider: Any, *, allow_http: bool) -> None:
    """:raises ConfigurationError: when an address of *provider* is none, or is plain http."""
    for each in fields(provider) if is_dataclass(provider) else ():
        value = getattr(provider, each.name)
        if not value or not is_url(each.name):
            continue
        require_address(key, each.name, value)
        if not allow_http and not value.lower().startswith("https:"):
            raise ConfigurationError(
                f"{key}: {each.name} is plain http, which anybody on the way can read and change. "
                f"Use https, or set SOCIAL_ALLOW_INSECURE_PROVIDERS."
            )


def require_address(key: str, name: str, value: Any) -> None:
    """:raises ConfigurationError: when *value*, the address *name*, is none."""
    if not is_address(value, query=name != "issuer"):
        shown = CREDENTIALS.sub("//...@", repr(value))
        raise ConfigurationError(
            f"{key}: {name} must be an address such as 'https://provider.example/', without "
            f"credentials or a fragment, not {shown}."
        )
