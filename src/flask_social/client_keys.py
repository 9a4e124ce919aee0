"""What an application registered at a provider, read out of its configuration.

What of it a provider needs, follows from its declaration: who signs by a key has no secret, and
some know applications by neither.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .errors import ConfigurationError
from .protocols.credentials import METHODS, PROOFS
from .protocols.profile import ApiProvider
from .values import Client

CLIENT_KEYS = {
    "consumer_key": "id",
    "client_id": "id",
    "consumer_secret": "secret",
    "client_secret": "secret",
    "private_key": "private_key",
    "key_id": "key_id",
}
KEY, SECRET, PRIVATE = "consumer_key", "consumer_secret", "private_key"
USUAL = (KEY, SECRET)
IN_LINES = "_key"
"""How the names of settings end that may hold a PEM, which has several lines."""
PEM = "-----BEGIN "
ADVICE = {
    KEY: "The provider gave it when you registered.",
    SECRET: "The provider gave it when you registered.",
    PRIVATE: "It is the key that you made or got when you registered, as a PEM or a JWK.",
    "key_id": "The provider shows it beside the key.",
}


def read_client(
    key: str,
    options: Mapping[str, Any],
    *,
    credentials: Collection[str] = (),
    needs: Sequence[str] = USUAL,
) -> Client:
    """What the application registered at a provider.

    :param credentials: what else the provider gives, and wants to be told.
    :param needs: which of id, secret and private key it cannot do without, see :func:`needed`.
    :raises ConfigurationError: when a key is missing or of another type; nothing of it is shown.
    """
    members = {
        CLIENT_KEYS[each]: value
        for each, value in options.items()
        if each in CLIENT_KEYS and value is not None
    }
    for each, value in members.items():
        _require_text(key, each, value)
    more = {each: options[each] for each in credentials if options.get(each) is not None}
    require(key, options, needs)
    for each in credentials:
        if each not in more:
            raise ConfigurationError(f"{key} has no {each}. {_hint(each, options)}")
    members.setdefault("id", "")
    return Client(**members, more={each: _text(key, each, more[each]) for each in more})


def require(key: str, options: Mapping[str, Any], needs: Collection[str]) -> None:
    """:raises ConfigurationError: when *options* lack one of what a provider *needs*."""
    given = {CLIENT_KEYS[each] for each in CLIENT_KEYS.keys() & options.keys() if options[each]}
    for each in needs:
        if CLIENT_KEYS[each] not in given:
            raise ConfigurationError(f"{key} has no {each}. {_hint(each, options)}")


def _hint(name: str, options: Mapping[str, Any]) -> str:
    others = map(str, options.keys() - CLIENT_KEYS.keys())
    if near := difflib.get_close_matches(name, others, n=1, cutoff=0.8):
        return f"Is {near[0]!r} misspelt?"
    return ADVICE.get(name, ADVICE[KEY])


def _require_text(key: str, member: str, value: Any) -> None:
    if not isinstance(value, str):
        raise ConfigurationError(f"{key}: the consumer's {member} must be a text.")
    if member == PRIVATE:
        if value and not _is_key(value):
            raise ConfigurationError(f"{key}: {member} must be a PEM or a JWK.")
    elif not _is_line(value):
        raise ConfigurationError(
            f"{key}: the consumer's {member} begins or ends with a blank, or holds a line break."
        )


def _text(key: str, name: str, value: Any) -> str:
    """*value*, which is a text in one line, or for some a key in several."""
    may_have_lines = name.endswith(IN_LINES)
    if isinstance(value, str) and (_is_line(value) or (may_have_lines and _is_key(value))):
        return value
    also = ", or a PEM" if may_have_lines else ""
    raise ConfigurationError(f"{key}: {name} must be a text in one line{also}.")


def _is_line(text: str) -> bool:
    return text.isprintable() and text == text.strip()


def _is_key(text: str) -> bool:
    """Whether *text* has the form of a key: what is in it, only its use can tell."""
    return text.lstrip().startswith((PEM, "{"))


# What a provider needs.


def needed(provider: Any, options: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Which of id, secret and keys *provider* cannot do without, by their settings' names.

    It says so itself; *options* may say how else the application proves who it is.
    """
    given = options or {}
    method = METHODS.get(str(given.get("token_endpoint_auth_method")))
    found = None if method else getattr(provider, "proofs", None)
    if found is None:
        method = method or getattr(provider, "client_auth", None)
        # One of an application's own making may sign by its key.
        usual = USUAL if isinstance(provider, ApiProvider) or not given.get(PRIVATE) else (KEY,)
        found = PROOFS.get(method, usual) if method else usual
    return (*found, SECRET) if SECRET not in found and _wants_secret(provider) else tuple(found)


def _wants_secret(provider: Any) -> bool:
    """Whether *provider* has use for the secret however an application proves who it is."""
    if getattr(provider, "signed_by_secret", False):
        return True
    if any(each.startswith("HS") for each in getattr(provider, "algorithms", ())):
        return True
    sent = [getattr(provider, each, {}) for each in ("headers", "token_params")]
    return any("{client_secret}" in text for members in sent for text in members.values())
