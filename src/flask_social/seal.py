"""AES-256-GCM: what leaves with a visitor and must come back unread, and tokens at rest."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32
"""Of a key for tokens at rest."""


class Broken(ValueError):
    """The envelope is not ours, not for this purpose, or was changed."""


def seal(plain: bytes, keys: Sequence[str | bytes], purpose: str) -> str:
    """*plain*, encrypted under the first of *keys* and bound to *purpose*; safe in a cookie."""
    nonce = os.urandom(NONCE_BYTES)
    box = _cipher(keys[0]).encrypt(nonce, plain, VERSION + purpose.encode())
    return _written(VERSION + nonce + box)


def unseal(envelope: str, keys: Sequence[str | bytes], purpose: str) -> bytes:
    """What :func:`seal` put in. Any of *keys* may open it.

    :raises Broken: for everything that was not sealed so, for this purpose, under such a key.
    """
    try:
        raw = base64.b64decode(envelope + "=" * (-len(envelope) % 4), b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Broken("not an envelope") from None
    if _written(raw) != envelope:  # base64 can say one thing in several ways
        raise Broken("not an envelope")
    if raw[:1] != VERSION:
        raise Broken("of another version")
    nonce, box = raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :]
    for key in keys:
        try:
            return _cipher(key).decrypt(nonce, box, VERSION + purpose.encode())
        except (InvalidTag, ValueError):
            continue
    raise Broken("sealed under another key, for another purpose, or changed")


SPARE = NONCE_BYTES + 16
"""Bytes of nonce and tag, by which a box is longer than what is in it."""


def encrypt(plain: bytes, key: bytes, context: bytes) -> bytes:
    """Nonce, ciphertext and tag of *plain* under *key*, bound to *context*."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def decrypt(box: bytes, key: bytes, context: bytes) -> bytes:
    """What :func:`encrypt` was given.

    :raises Broken: when it was another key or context, or *box* was changed.
    """
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise Broken("sealed under another key, for another context, or changed") from None


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


@lru_cache(maxsize=16)
def _cipher(key: str | bytes) -> AESGCM:
    """A cipher under a key of its own, derived so that Flask's signatures share nothing with it."""
    secret = key.encode() if isinstance(key, str) else key
    derived = HKDF(SHA256(), length=32, salt=None, info=b"flask-social flow cookie").derive(secret)
    return AESGCM(derived)
