"""The host that somebody means who types where their account is."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 253
TYPED = 1_000
"""Characters of what is typed that are looked at."""
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
"""What a browser takes for the end of an IPv4 address (WHATWG URL, "ends in a number")."""
_HANDLE = re.compile(r"(?:acct:)?@?[^@/:?#\s]+@([^@/?#\s]+)", re.IGNORECASE)
_AMBIGUOUS = frozenset("\u00df\u03c2\u200c\u200d")
"""Letters that older rules for names write differently from newer ones: two different hosts."""


def read(typed: str) -> str:
    """The host in what a visitor typed, as it stands in an address: with a port if need be.

    That is a name (``Social.Example``), an address (``https://social.example/@ada``), or what
    people there are called (``@ada@social.example``).

    :raises ValueError: for anything else; the message has nothing of it.
    """
    text = typed.strip()
    if len(text) > TYPED:
        raise ValueError("too long")
    if handle := _HANDLE.fullmatch(text):
        text = handle[1]
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme.lower() not in ("https", "http") or "@" in parts.netloc:
        raise ValueError("no address of a server")
    name, port = plain(parts.hostname or ""), parts.port
    if not name or port == 0 or parts.netloc.endswith(":"):
        raise ValueError("no name of a server")
    return name if port in (None, 443) else f"{name}:{port}"


def plain(name: str) -> str:
    """*name* in the letters that the domain name system has (RFC 5890), in lower case.

    :raises ValueError: when it is no name of a host. An address in numbers is none.
    """
    if _AMBIGUOUS.intersection(name):
        raise ValueError("a name that is written in two ways")
    ascii_name = name.encode("idna").decode() if not name.isascii() else name
    ascii_name = ascii_name.lower().removesuffix(".")
    if len(ascii_name) > LONGEST or not _NAME.fullmatch(ascii_name):
        raise ValueError("no name of a host")
    if _NUMBER.fullmatch(ascii_name.rpartition(".")[2]):
        raise ValueError("a number, and no name")
    return ascii_name


def without_port(host: str) -> str:
    """The name in *host*."""
    return host.partition(":")[0]


def matches(host: str, pattern: str) -> bool:
    """Whether *host* is the one that *pattern* names, or by ``*.`` one below that.

    A pattern without a port is for any port.
    """
    if ":" not in pattern:
        host = without_port(host)
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and host != pattern[1:]
    return host == pattern
