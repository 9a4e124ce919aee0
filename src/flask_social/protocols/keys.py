"""A provider's keys, each for its own algorithms, and whether one of them made a signature."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from ..errors import ProviderUnavailable
from ..http import Request, Response, Send
from .base import read_object

STEP = "fetching the keys"
RSA_BITS = range(2_048, 16_385)  # weaker ones are refused (RFC 7518 3.3); beyond, they cost time


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A signature algorithm: the keys it takes, and the hash of ``at_hash`` beside it."""

    key_type: str
    curve: str | None
    digest: str
    name: str | None = None
    """What joserfc calls it, where that is another name."""


SIZES = (256, 384, 512)
ALGORITHMS = {
    **{f"RS{size}": Algorithm("RSA", None, f"sha{size}") for size in SIZES},
    **{f"PS{size}": Algorithm("RSA", None, f"sha{size}") for size in SIZES},
    "ES256": Algorithm("EC", "P-256", "sha256"),
    "ES384": Algorithm("EC", "P-384", "sha384"),
    "ES512": Algorithm("EC", "P-521", "sha512"),
    "Ed25519": Algorithm("OKP", "Ed25519", "sha512"),
    "EdDSA": Algorithm("OKP", "Ed25519", "sha512", "Ed25519"),  # RFC 9864: the older name
    **{f"HS{size}": Algorithm("oct", None, f"sha{size}") for size in SIZES},
}
"""By their registered names (RFC 7518 3.1, RFC 9864). There is no ``none``."""

MEMBERS: dict[str, tuple[type[RSAKey | ECKey | OKPKey], tuple[str, ...]]] = {
    "RSA": (RSAKey, ("n", "e")),
    "EC": (ECKey, ("crv", "x", "y")),
    "OKP": (OKPKey, ("crv", "x")),
}
"""The public members of each key type (RFC 7518 6, RFC 8037 2); no others are read."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key that may check signatures, with what its owner says about it (RFC 7517 4)."""

    key_type: str
    curve: str | None
    key_id: str | None
    algorithm: str | None
    key: Key = field(repr=False)
    issuer: str | None = None
    """Whose it is, where a key set serves several; see :mod:`.tenants`."""

    def fits(self, algorithm: str) -> bool:
        """Whether this key is one for *algorithm*."""
        wanted = ALGORITHMS[algorithm]
        return (
            self.key_type == wanted.key_type
            and self.curve == wanted.curve
            and self.algorithm in (algorithm, wanted.name, None)
        )


Keys = Sequence[VerifyingKey]
FindKeys = Callable[[bool], Keys]
"""The provider's keys: as cached or, by ``True``, asked for anew."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A JSON Web Signature, taken apart and not yet believed (RFC 7515 section 7.1)."""

    algorithm: str
    key_id: str | None
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    payload: bytes = field(repr=False)

    def is_by(self, key: Key) -> bool:
        """Whether *key* made the signature."""
        name = ALGORITHMS[self.algorithm].name or self.algorithm
        algorithm = JWSRegistry(algorithms=[name]).get_alg(name)
        try:
            algorithm.check_key(key)
        except JoseError:
            return False
        return algorithm.verify(self.signed, self.signature, key)

    def is_by_secret(self, secret: str) -> bool:
        """Whether who knows *secret* made the signature."""
        return self.is_by(OctKey.import_key(secret))


def fetched(url: str, send: Send, anew: bool) -> Keys:
    """The keys that stand at *url*, as kept or asked for *anew* (OpenID Connect Core 10.1.1)."""
    headers = {"Accept": "application/json, application/jwk-set+json"}
    request = Request(url=url, purpose=STEP, headers=headers)
    return send.cached(request, read_keys, refetch=anew)


def read_keys(response: Response) -> Keys:
    """The usable keys of a key set (RFC 7517 section 5); what is no such key is passed over.

    :raises ProviderUnavailable: when there is no usable key at all.
    """
    if response.status != 200:
        raise ProviderUnavailable(STEP, "bad_keys", f"status {response.status}")
    entries = read_object(response, STEP).get("keys")
    found = [read_key(entry) for entry in entries] if isinstance(entries, list) else []
    if keys := tuple(key for key in found if key is not None):
        return keys
    raise ProviderUnavailable(STEP, "bad_keys", "the key set holds no key that checks signatures")


def read_key(entry: Any) -> VerifyingKey | None:
    """The key of one member of a key set, or ``None`` when it checks no signatures of ours."""
    if not isinstance(entry, dict) or not _is_for_signatures(entry):
        return None
    known = MEMBERS.get(entry["kty"])
    names = {name: entry.get(name) for name in ("crv", "kid", "alg", "issuer")}
    if known is None or any(not isinstance(each, str | None) for each in names.values()):
        return None
    kind, members = known
    try:
        if kind is RSAKey and _bits(entry["n"]) not in RSA_BITS:
            return None
        key = kind.import_key({name: entry[name] for name in ("kty", *members)})
    except (JoseError, ValueError, TypeError, LookupError, OverflowError):
        return None
    return VerifyingKey(
        entry["kty"], names["crv"], names["kid"], names["alg"], key, names["issuer"]
    )


def _bits(number: str) -> int:
    """How long a base64url number is, before it is made a key."""
    return int.from_bytes(decoded(number), "big").bit_length()


def _is_for_signatures(entry: dict[str, Any]) -> bool:
    """Whether ``use`` and ``key_ops`` allow checking signatures (RFC 7517 sections 4.2, 4.3)."""
    operations = entry.get("key_ops", ["verify"])
    return (
        isinstance(entry.get("kty"), str)
        and entry.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )


def decoded(part: str) -> bytes:
    """*part* out of base64url without padding (RFC 7515 section 2).

    In its one form, so that no token passes in a second spelling: bits that end up in no byte
    are zero (RFC 4648 section 3.5).
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]*", part):
        raise ValueError("it is not base64url")
    try:
        found = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise ValueError("it is not base64url") from None
    if base64.urlsafe_b64encode(found).rstrip(b"=").decode("ascii") != part:
        raise ValueError("it is not base64url as encoders write it")
    return found
