"""What a setting of the right type must be besides, to work, and what to say where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Any

from . import limits
from .origins import is_address, is_origin

_VIEW = (
    re.compile(r"[\w.:-]*|(/|https?://\S)[^\x00-\x1f\x7f]*").fullmatch,
    "must be an endpoint, a path such as '/profile', or an address",
)
_KEY = (
    re.compile(r"(?!_|fs_|tf_)\S+").fullmatch,
    "must be the name of a session key of your own",
)


def _is_host(text: str) -> bool:
    """Whether *text* is a host's name, or an IP address."""
    if re.fullmatch(r"[\w.-]+", text):
        return True
    try:
        return bool(IPv6Address(text))
    except ValueError:
        return False


_WAIT = (
    lambda seconds: 0 < seconds <= limits.LONGEST_WAIT,
    f"must be more than 0 and at most {limits.LONGEST_WAIT} seconds",
)
RULES: dict[str, tuple[Callable[[Any], object], str]] = {
    "url_prefix": (
        re.compile(r"(/([\w.~%-]|<[^<>/]+>)+)*/?").fullmatch,
        "must begin with a slash and be a path, such as '/social'",
    ),
    "blueprint_name": (re.compile(r"[\w-]+").fullmatch, "must be a name without a dot"),
    "app_url": (
        is_address,
        "must be an address such as 'https://app.example', without credentials or a query",
    ),
    "connect_allow_redirect": _VIEW,
    "connect_deny_redirect": _VIEW,
    "connect_allow_view": _VIEW,
    "connect_deny_view": _VIEW,
    "post_oauth_connect_session_key": _KEY,
    "post_oauth_login_session_key": _KEY,
    "trusted_origins": (
        lambda value: all(map(is_origin, value)),
        "must list origins such as 'https://app.example', with nothing behind",
    ),
    "session_keep": (all, "must list names of session keys"),
    "sandbox": (
        lambda value: isinstance(value, bool) or is_address(value),
        "must be True, or an address such as 'http://localhost:5001/'",
    ),
    "ledger": (
        lambda it: not isinstance(it, type) and hasattr(it, "spend") and hasattr(it, "is_spent"),
        "must be an object with spend() and is_spent()",
    ),
    "private_hosts": (
        lambda value: all(map(_is_host, value)),
        "must list names of hosts such as 'sso.internal', without a port",
    ),
    "provider_source": (callable, "must be a function of a provider's id"),
    "provider_source_max_age": (
        lambda seconds: 0 < seconds <= limits.LONGEST_MAX_AGE,
        f"must be between 1 and {limits.LONGEST_MAX_AGE} seconds",
    ),
    "connection_datastore": (str.isidentifier, "must be the name of an attribute"),
    "proxy": (re.compile(r"(?i)https?://[^\s/].*").match, "must be an http:// or https:// address"),
    "ca_bundle": (str.strip, "must be the path of a file"),
    "flow_lifetime": (
        lambda seconds: 0 < seconds <= limits.LONGEST_FLOW,
        f"must be between 1 and {limits.LONGEST_FLOW} seconds",
    ),
    "connect_timeout": _WAIT,
    "read_timeout": _WAIT,
    "call_timeout": _WAIT,
    "request_timeout": _WAIT,
}
"""By the names of the settings."""
