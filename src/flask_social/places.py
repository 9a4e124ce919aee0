"""The places in a provider's addresses, ``{host}``, and what a configuration fills them with."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from .errors import ConfigurationError
from .kinds import settable
from .origins import is_address
from .values import PLACE

HOST, LABEL, NAME, ADDRESS = "host", "label", "name", "address"
"""What may stand at a place: the whole of a host, a part of one, one name, a whole address."""
CREDENTIAL = "credential"
"""What a provider gives besides, which stands in requests."""

FORMS = {
    HOST: re.compile(
        r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    ),
    LABEL: re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"),
    NAME: re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+"),
}
ADVICE = {
    HOST: "a host's name such as 'git.acme.example', with a port if need be, and no more",
    LABEL: "a part of a host's name, of letters, digits and '.', '_', '-'",
    NAME: "one name of letters, digits and '.', '_', '~', '-'",
    ADDRESS: "an address such as 'https://acme.example/'",
}
OF_THE_CLIENT = frozenset({"client_id"})
"""Places that are filled with what the application registered."""


def places(provider: Any, *, without: Collection[str] = ()) -> set[str]:
    """The names in braces in the texts of *provider*, the fields *without* left out."""
    texts = _texts(provider).items()
    return {name for each, text in texts if each not in without for name in PLACE.findall(text)}


def to_fill(provider: Any) -> set[str]:
    """Those of its places that are settings of their own; others are fields, or of the client."""
    return places(provider) - OF_THE_CLIENT - _credentials(provider) - settable(provider)


def wanted(provider: Any) -> tuple[str, ...]:
    """What a configuration of *provider* has to give beside the client's id and secret."""
    others = OF_THE_CLIENT | getattr(provider, "places", {}).keys()
    return tuple(sorted((places(provider) | _credentials(provider)) - others))


def kind_of(provider: Any, name: str) -> str:
    """What has to stand at the place *name*, as the addresses of *provider* tell."""
    if name in _credentials(provider):
        return CREDENTIAL
    texts = _texts(provider).values()
    if any(text.startswith(f"{{{name}}}") for text in texts):
        return ADDRESS
    for kind, pattern in (
        (HOST, rf"://\{{{name}\}}(?=[:/?#]|$)"),
        (LABEL, rf"://[^/]*\{{{name}\}}"),
    ):
        if any(re.search(pattern, text) for text in texts):
            return kind
    return NAME


def is_host(provider: Any, name: str) -> bool:
    """Whether the place *name* is the whole of a host in an address of *provider*."""
    return kind_of(provider, name) == HOST


def read(key: str, name: str, value: Any, provider: Any) -> str:
    """*value*, if it can stand at the place *name* of *provider*'s addresses, as a text.

    :raises ConfigurationError: when it is anything else; it is not shown, as it may hold a secret.
    """
    kind = kind_of(provider, name)
    if (text := fitting(kind, value)) is not None:
        return text
    host = _host_in(value) if kind == HOST and isinstance(value, str) else ""
    instead = f" Write {host!r}." if host else ""
    raise ConfigurationError(f"{key}: {name} must be {ADVICE[kind]}.{instead}")


def fitting(kind: str, value: Any) -> str | None:
    """*value* as a text, if it is of *kind*; else ``None``."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).lower() if kind == HOST else str(value)
    form, whole = FORMS.get(kind), f"https://{text}/" if kind == HOST else text
    fits = form is None or form.fullmatch(text)
    return text if fits and (kind not in (HOST, ADDRESS) or is_address(whole)) else None


def filled(provider: Any, filling: Mapping[str, str]) -> dict[str, str | None]:
    """The texts of *provider* that have places, with *filling* there, by the names of the fields.

    One that it does not fill is ``None``.
    """
    known = filling.keys()
    return {
        field: PLACE.sub(lambda place: filling[place[1]], text) if known >= set(found) else None
        for field, text in _texts(provider).items()
        if (found := PLACE.findall(text))
    }


def _credentials(provider: Any) -> set[str]:
    return set(getattr(provider, "credentials", ()))


def _texts(provider: Any) -> dict[str, str]:
    texts = {each: getattr(provider, each) for each in settable(provider)}
    return {each: text for each, text in texts.items() if isinstance(text, str)}


def _host_in(text: str) -> str:
    """The host that somebody means who wrote a whole address; empty where none can be told."""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return host if FORMS[HOST].fullmatch(host) else ""
