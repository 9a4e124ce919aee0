"""Signing keys, honest and not, and signatures of every kind over a payload."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}

CURVES: dict[str, tuple[ec.EllipticCurve, int]] = {
    "ES256": (ec.SECP256R1(), 32),
    "ES384": (ec.SECP384R1(), 48),
}
"""The curve of an algorithm, and how many octets its numbers have."""

_rsa_keys: dict[str, rsa.RSAPrivateKey] = {}
_ec_keys: dict[str, ec.EllipticCurvePrivateKey] = {}
_making = threading.Lock()


def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """The RSA key called *name*, made once per process since that takes a while."""
    with _making:
        if name not in _rsa_keys:
            _rsa_keys[name] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return _rsa_keys[name]


def ec_key(name: str, alg: str = "ES256") -> ec.EllipticCurvePrivateKey:
    """The key called *name* for *alg*."""
    with _making:
        if (kept := f"{name}-{alg}") not in _ec_keys:
            _ec_keys[kept] = ec.generate_private_key(CURVES[alg][0])
        return _ec_keys[kept]


def b64(value: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def rsa_jwk(name: str, alg: str = "RS256") -> dict[str, Any]:
    """The public half as a JWK (RFC 7517)."""
    numbers = rsa_key(name).public_key().public_numbers()
    n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    e = numbers.e.to_bytes(3, "big")
    return {"kty": "RSA", "use": "sig", "alg": alg, "kid": name, "n": b64(n), "e": b64(e)}


def kid_of(name: str, alg: str) -> str:
    """The ``kid`` of the key called *name* that signs by *alg*."""
    return name + {"ES256": "-ec", "ES384": "-ec384"}.get(alg, "")


def ec_jwk(name: str, alg: str = "ES256") -> dict[str, Any]:
    """The public half as a JWK (RFC 7518 section 6.2)."""
    numbers = ec_key(name, alg).public_key().public_numbers()
    size = CURVES[alg][1]
    x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
    return {
        "kty": "EC",
        "use": "sig",
        "alg": alg,
        "crv": f"P-{alg[2:]}",
        "kid": kid_of(name, alg),
        "x": b64(x),
        "y": b64(y),
    }


@dataclass(slots=True)
class KeyRing:
    """The keys of one provider; the last is the one that signs."""

    provider_id: str
    generation: int = 0
    published: list[str] = field(default_factory=list)
    ec_algs: set[str] = field(default_factory=set)
    """The algorithms of elliptic curves for which there is a key too."""
    rsa_alg: str = "RS256"
    """What the RSA keys say they are for."""

    def __post_init__(self) -> None:
        self.published = [self.current]

    @property
    def current(self) -> str:
        """Name and ``kid`` of the key that signs."""
        return f"{self.provider_id}-{self.generation}"

    def rotate(self, *, withdraw: bool = False) -> None:
        """Sign with a new key from now on; *withdraw* takes the old ones out of the JWKS."""
        self.generation += 1
        self.published = [self.current] if withdraw else [*self.published, self.current]

    def publish(self, count: int) -> None:
        """Have *count* keys in the JWKS, the current one among them."""
        others = [f"{self.provider_id}-spare-{number}" for number in range(1, count)]
        self.published = [self.current, *others]

    def jwks(self) -> dict[str, Any]:
        """The JWK Set (RFC 7517 section 5)."""
        alg = self.rsa_alg if self.rsa_alg.startswith("RS") else "RS256"
        members = [rsa_jwk(name, alg) for name in self.published]
        members += [ec_jwk(self.current, each) for each in sorted(self.ec_algs)]
        return {"keys": members}


@dataclass(slots=True, kw_only=True)
class Signing:
    """How ID tokens are signed.

    *key*: ``current``; ``other`` (never published); for HMAC ``secret`` (the client's), or the
    current public RSA key taken for a secret as ``public_pem``, ``public_der``, ``public_jwk``.
    """

    alg: str = "RS256"
    key: str = "current"
    broken: bool = False
    """Flip a bit of the signature."""


def sign(
    header: dict[str, Any], payload: bytes, how: Signing, ring: KeyRing, client_secret: str
) -> str:
    """A compact JWS (RFC 7515 section 7.1), signed as *how* says whatever *header* says."""
    head = b64(json.dumps(header).encode())
    message = f"{head}.{b64(payload)}".encode()
    signature = sign_bytes(message, how, ring, client_secret)
    if how.broken:
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    return f"{message.decode()}.{b64(signature)}"


def sign_bytes(message: bytes, how: Signing, ring: KeyRing, client_secret: str) -> bytes:
    """The signature alone (RFC 7518 section 3)."""
    if how.alg.lower() == "none":
        return b""
    name = ring.current if how.key == "current" else f"{ring.provider_id}-other"
    digest = HASHES.get(how.alg[2:], hashes.SHA256())
    if how.alg.startswith("HS"):
        return hmac.new(hmac_key(how.key, ring, client_secret), message, digest.name).digest()
    if how.alg.startswith("ES"):
        size = CURVES[how.alg][1]
        r, s = decode_dss_signature(ec_key(name, how.alg).sign(message, ec.ECDSA(digest)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if how.alg.startswith("PS"):
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return rsa_key(name).sign(message, pss, digest)
    return rsa_key(name).sign(message, padding.PKCS1v15(), digest)


def hmac_key(kind: str, ring: KeyRing, client_secret: str) -> bytes:
    """The bytes that an HMAC is keyed with."""
    public = rsa_key(ring.current).public_key()
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    if kind == "public_pem":
        return public.public_bytes(serialization.Encoding.PEM, info)
    if kind == "public_der":
        return public.public_bytes(serialization.Encoding.DER, info)
    if kind == "public_jwk":
        return json.dumps(rsa_jwk(ring.current), separators=(",", ":")).encode()
    return client_secret.encode()


def at_hash(access_token: str, alg: str = "RS256") -> str:
    """The left half of the token's hash, by the hash of *alg* (OpenID Connect Core 3.1.3.6)."""
    bits = alg[2:] if alg[2:] in HASHES else "256"
    digest = hashlib.new(f"sha{bits}", access_token.encode()).digest()
    return b64(digest[: len(digest) // 2])
