"""Tokens at rest: sealed on the way into the database, opened on the way out.

Envelopes are in the database alone; a row in memory has open tokens, and a token that no key
opens is :class:`~flask_social.values.Unreadable` there. An envelope is
``social:v1:<key id>:<base64 of nonce, ciphertext and tag>``, by AES-256-GCM. What it is bound to
are the store, the provider, the account and the column, so that it opens nowhere else.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import clock, seal
from ..errors import ConfigurationError
from ..values import Secret, Unreadable
from .tokens import TOKENS

KEY = "SOCIAL_TOKEN_KEYS"
PREFIX = "social:v1:"
KEY_ID = 32
"""Characters that the id of a key has at most."""
ONCE = 255
"""Characters that a token had at most in 1.6. Sealed, that much has to have room."""
ROOM = len(PREFIX) + KEY_ID + 1 + -(-4 * (ONCE + seal.SPARE) // 3)
KEYS_FRESH = 60
"""Seconds for which what a callable gave is used."""

log = logging.getLogger("flask_social")

Keys = Mapping[str, bytes]
"""Keys by their ids, the one that seals first."""
KeySource = Sequence[str] | Callable[[], Sequence[str]]

_ENVELOPE = re.compile(re.escape(PREFIX) + r"([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]+)")
_KEY = re.compile(r"([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)")


class TokenSealing:
    """How one store keeps tokens. Without keys, plainly.

    :param store: the name of the table or collection, asked for when first needed.
    """

    keeps = True
    """Whether tokens are stored at all (``SOCIAL_STORE_TOKENS``)."""

    def __init__(self, store: Callable[[], str]) -> None:
        self._store = store
        self._source: KeySource = ()
        self._keys: Keys = {}
        self._ask_at = 0
        self._used: tuple[KeySource, bool] | None = None

    def use(self, keys: KeySource, *, keeps: bool = True) -> None:
        """Seal and open with *keys* from the start on.

        :param keys: ``"<key id>:<base64 of 32 bytes>"`` each, or a function that gives such a
            list, asked at most once a minute. The first seals, all open.
        :raises ConfigurationError: when one is malformed, an id is there twice, or another
            application uses this store with other keys.
        """
        if self._used not in (None, (keys, keeps)):
            raise ConfigurationError(f"{KEY}: the datastore is used with others already.")
        self._used = keys, keeps
        self.keeps = keeps
        self._source = keys
        self._keys = _asked(keys) if callable(keys) else read_keys(keys)
        self._ask_at = clock.now() + KEYS_FRESH

    @property
    def keys(self) -> Keys:
        """The keys as they are now."""
        if callable(self._source) and clock.now() >= self._ask_at:
            self._ask_at = clock.now() + KEYS_FRESH
            try:
                self._keys = _asked(self._source)
            except Exception as error:  # noqa: BLE001 - the application's own function
                log.error("%s: the function failed (%s)", KEY, type(error).__name__)
        return self._keys

    def require_room(self, model: str, lengths: Mapping[str, int]) -> None:
        """Refuse token columns of *model* that are too short for most sealed tokens.

        :param lengths: how many characters those columns hold that are bounded.
        :raises ConfigurationError: when tokens are sealed, and there is one.
        """
        short = [f"{model}.{name} holds {size}" for name, size in lengths.items() if size < ROOM]
        if short and self.keeps and self.keys:
            raise ConfigurationError(
                f"{KEY}: a sealed token takes {ROOM} characters where it was {ONCE} long, and "
                f"{' and '.join(short)}. Make it unbounded text, in the model and in the table."
            )

    def write(self, row: Mapping[str, Any], name: str, token: str | None) -> str | None:
        """What the database is given for *token*, which is not sealed yet.

        :param row: has ``provider_id`` and ``provider_user_id``.
        :param name: the column.
        """
        if token is None or not self.keeps or isinstance(token, Unreadable):
            return None
        return self.seal(row, name, token)

    def seal(self, row: Mapping[str, Any], name: str, secret: str) -> str:
        """The same for what is stored in any case."""
        if not (keys := self.keys):
            return Secret(secret)
        key_id, key = next(iter(keys.items()))
        box = seal.encrypt(secret.encode(), key, self._context(row, name))
        return f"{PREFIX}{key_id}:{base64.urlsafe_b64encode(box).rstrip(b'=').decode()}"

    def read(self, row: Mapping[str, Any], name: str, stored: str | bytes | None) -> Secret | None:
        """The token that the database has as *stored*: an :class:`Unreadable` if no key opens it.

        What is not sealed, as in a table older than the keys, is the token itself.
        """
        if stored is None:
            return None
        if (text := _text(stored)) is None:
            return Unreadable()
        if not text.startswith(PREFIX):
            return Secret(text)
        if (parts := _ENVELOPE.fullmatch(text)) and (key := self.keys.get(parts[1])):
            try:
                box = base64.urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4))
                return Secret(seal.decrypt(box, key, self._context(row, name)).decode())
            except (seal.Broken, ValueError):
                pass
        return Unreadable()

    def is_current(self, stored: str | bytes | None) -> bool:
        """Whether *stored* is as :meth:`write` would have it now."""
        return stored is None or (self.keeps and self.is_sealed_now(stored))

    def is_sealed_now(self, stored: str | bytes | None) -> bool:
        """Whether *stored* is as :meth:`seal` would have it now."""
        if stored is None:
            return True
        if (text := _text(stored)) is None:
            return False
        if not (keys := self.keys):
            return not text.startswith(PREFIX)
        return text.startswith(f"{PREFIX}{next(iter(keys))}:")

    def sealed(self, row: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """*values*, its tokens as the database is given them."""
        return {
            name: self.write(row, name, value) if name in TOKENS else value
            for name, value in values.items()
        }

    def _context(self, row: Mapping[str, Any], name: str) -> bytes:
        account = [str(row["provider_id"]), str(row["provider_user_id"])]
        return json.dumps([self._store(), *account, name]).encode()


def _asked(source: Callable[[], Sequence[str]]) -> Keys:
    """The keys that the application's function gives. None at all is no answer.

    :raises ConfigurationError: for that: tokens would be stored plainly, and nobody would know.
    """
    if not (keys := read_keys(source())):
        raise ConfigurationError(f"{KEY}: the function gave no key.")
    return keys


def _text(stored: str | bytes) -> str | None:
    """*stored*, which a binary column has as bytes, as text; ``None`` if it is none."""
    if isinstance(stored, str):
        return stored
    try:
        return bytes(stored).decode()
    except UnicodeDecodeError:
        return None


def read_keys(listed: Sequence[str]) -> Keys:
    """The keys that *listed* spells. No text of it gets into an error.

    :raises ConfigurationError: when one is malformed, or an id is there twice.
    """
    if isinstance(listed, str | bytes) or not isinstance(listed, Sequence):
        raise ConfigurationError(f"{KEY} must be a list of keys, or a function that gives one.")
    keys: dict[str, bytes] = {}
    for place, spelt in enumerate(listed, start=1):
        key_id, key = _read_key(spelt, place)
        if key_id in keys:
            raise ConfigurationError(f"{KEY}: two keys have the id {key_id!r}.")
        keys[key_id] = key
    return keys


def _read_key(spelt: Any, place: int) -> tuple[str, bytes]:
    """Id and key. 43 characters of either alphabet are 32 bytes, whatever they are."""
    parts = _KEY.fullmatch(spelt) if isinstance(spelt, str) else None
    if parts is None:
        raise ConfigurationError(
            f'{KEY}: number {place} is not "<key id>:<base64 of 32 bytes>". `flask social new-key` '
            f"makes one."
        )
    digits = parts[2].rstrip("=").translate(str.maketrans("+/", "-_"))
    return parts[1], base64.urlsafe_b64decode(f"{digits}=")
