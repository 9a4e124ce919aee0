"""A provider's keys, and the signatures that they made: all we use joserfc for besides assertions.

Nothing in a token decides how it is checked: algorithms are those that the provider file or
the configuration lists, keys are those of the provider's key set, each for its own algorithms.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from .. import limits
from ..errors import ProviderUnavailable
from ..http import Response, read_json
from .base import read_object

STEP = "fetching the keys"
RSA_BITS = range(2_048, 16_385)  # weaker ones are refused (RFC 7518 3.3); beyond, they cost time
KEY_ID = 255
SECRET_BYTES = 32  # RFC 7518 3.2
REFUSED_HEADERS = ("crit", "b64", "zip", "enc", "cty")
"""What a signed set of claims never carries (RFC 7515 4.1.11, RFC 7797, RFC 8725 3.11)."""


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
    names = {name: entry.get(name) for name in ("crv", "kid", "alg")}
    if known is None or any(not isinstance(each, str | None) for each in names.values()):
        return None
    kind, members = known
    try:
        if kind is RSAKey and _bits(entry["n"]) not in RSA_BITS:
            return None
        key = kind.import_key({name: entry[name] for name in ("kty", *members)})
    except (JoseError, ValueError, TypeError, LookupError, OverflowError):
        return None
    return VerifyingKey(entry["kty"], names["crv"], names["kid"], names["alg"], key)


def _bits(number: str) -> int:
    """How long a base64url number is, before it is made a key."""
    return int.from_bytes(_decoded(number), "big").bit_length()


def _is_for_signatures(entry: dict[str, Any]) -> bool:
    """Whether ``use`` and ``key_ops`` allow checking signatures (RFC 7517 sections 4.2, 4.3)."""
    operations = entry.get("key_ops", ["verify"])
    return (
        isinstance(entry.get("kty"), str)
        and entry.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )


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
        if not signed.is_by(OctKey.import_key(secret)):
            raise ValueError("the signature is wrong")
        return signed
    kept = choose(find(False), signed)
    if kept is not None and signed.is_by(kept):
        return signed
    renewed = choose(find(True), signed)
    if renewed is None:
        raise ValueError("no key of the provider has its kid, type and algorithm")
    if renewed is kept or not signed.is_by(renewed):
        raise ValueError("the signature is wrong")
    return signed


def choose(keys: Keys, signed: Signed) -> Key | None:
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
    return fitting[0].key if fitting else None


def take_apart(token: str, algorithms: Collection[str]) -> Signed:
    """The three parts of a compact signature, its header checked.

    :raises ValueError: for another form, another algorithm, or a header that changes the rules.
    """
    if len(token) > limits.ID_TOKEN:
        raise ValueError("it is too long")
    parts = token.split(".")
    if len(parts) != 3 or len(parts[0]) > limits.ID_TOKEN_HEADER:
        raise ValueError("it has not three parts, or too long a header")
    header_bytes, payload, signature = (_decoded(part) for part in parts)
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


def _decoded(part: str) -> bytes:
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
