"""A signed set of claims, taken apart and proved to be a provider's (RFC 7515, RFC 8725).

Nothing in a token decides how it is checked: algorithms are those that the provider file or
the configuration lists, keys are those of the provider's key set, each for its own algorithms.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .. import limits
from ..http import read_json
from .keys import ALGORITHMS, FindKeys, Keys, Signed, VerifyingKey, decoded

KEY_ID = 255
SECRET_BYTES = 32  # RFC 7518 3.2
REFUSED_HEADERS = ("crit", "b64", "zip", "enc", "cty")
"""What a signed set of claims never carries (RFC 7515 4.1.11, RFC 7797, RFC 8725 3.11)."""


def verified(token: str, algorithms: Collection[str], secret: str | None, find: FindKeys) -> Signed:
    """*token* taken apart, its signature checked.

    :param algorithms: the only ones that count (RFC 8725 section 3.1).
    :param secret: the client secret, the only key for ``HS*`` (OpenID Connect Core 10.1).
    :param find: asked anew once, when the keys at hand do not explain the signature.
    :raises ValueError: for anything that is not such a token; the message holds nothing of it.
    """
    signed = take_apart(token, algorithms)
    if ALGORITHMS[signed.algorithm].key_type == "oct":
        if secret is None or len(secret.encode()) < SECRET_BYTES:
            raise ValueError(f"consumer_secret is too short for {signed.algorithm}")
        if not signed.is_by_secret(secret):
            raise ValueError("the signature is wrong")
        return signed
    kept = choose(find(False), signed)
    if kept is not None and signed.is_by(kept.key):
        return signed
    renewed = choose(find(True), signed)
    if renewed is None:
        raise ValueError("no key of the provider has its kid, type and algorithm")
    if renewed is kept or not signed.is_by(renewed.key):
        raise ValueError("the signature is wrong")
    return signed


def choose(keys: Keys, signed: Signed) -> VerifyingKey | None:
    """The one key that can have signed, by ``kid``, type and algorithm (Core 10.1).

    :raises ValueError: when there is more than one such key.
    """
    fitting = [key for key in keys if key.fits(signed.algorithm)]
    if signed.key_id is not None:
        fitting = [key for key in fitting if key.key_id == signed.key_id]
    if len(fitting) > 1:
        raise ValueError(
            "no kid, and several keys" if signed.key_id is None else "a kid used twice"
        )
    return fitting[0] if fitting else None


def take_apart(token: str, algorithms: Collection[str]) -> Signed:
    """The three parts of a compact signature, its header checked.

    :raises ValueError: for another form, another algorithm, or a header that changes the rules.
    """
    if len(token) > limits.ID_TOKEN:
        raise ValueError("it is too long")
    parts = token.split(".")
    if len(parts) != 3 or len(parts[0]) > limits.ID_TOKEN_HEADER:
        raise ValueError("it has not three parts, or too long a header")
    header_bytes, payload, signature = (decoded(part) for part in parts)
    header = read_json(header_bytes)
    if not isinstance(header, dict):
        raise ValueError("the header is no object")
    algorithm, key_id = _read_header(header, algorithms)
    content = token.rpartition(".")[0].encode("ascii")
    return Signed(algorithm, key_id, content, signature, payload)


def _read_header(header: dict[str, Any], algorithms: Collection[str]) -> tuple[str, str | None]:
    """Algorithm and key id of a header; keys that it brings along are not even looked at."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms or algorithm not in ALGORITHMS:
        raise ValueError("alg is not one of those configured")
    if found := [name for name in REFUSED_HEADERS if name in header]:
        raise ValueError(f"the header carries {', '.join(found)}")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise ValueError("typ says that it is another kind of token")
    key_id = header.get("kid")
    if "kid" in header and not (isinstance(key_id, str) and len(key_id) <= KEY_ID):
        raise ValueError("kid is not a text of sane length")
    return algorithm, key_id
