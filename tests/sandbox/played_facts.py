"""What a client of the catalogue's providers knows of itself, and how it signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

import flask_social.sandbox.catalogue

CALLBACK = "http://127.0.0.1:5000/login/here"
VERIFIER = "a-verifier-of-more-than-forty-three-characters"
STATE = "a-state-of-more-than-thirty-two-characters"
NONCE = "a-nonce-of-more-than-22-characters"
HERE = Path(flask_social.sandbox.catalogue.__file__).parent
IDS = sorted(path.stem for path in HERE.glob("*.json"))
CLIENT_ID = "application-key"
SECRET = "application-secret"
DEFAULTS = {
    "perms": "read", "name": "App", "scope": "read", "nonce": NONCE, "acr_values": "level",
    "claims": "{}", "agentid": "1000002", "application_key": "PUBLIC", "key": "K((",
    "x-api-key": "application-key:application-secret",
}  # fmt: skip
"""Values where a description wants any."""


@cache
def description(provider_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{provider_id}.json").read_text("utf-8"))
    return found


@cache
def own_key() -> rsa.RSAPrivateKey:
    """The application's key, for whom it has to sign or to decrypt."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


@cache
def apple_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: Any) -> bytes:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem: bytes = key.private_bytes(serialization.Encoding.PEM, form, none)
    return pem


def look(found: Any, path: str | list[str | int]) -> Any:
    steps = path.split(".") if isinstance(path, str) else path
    for step in steps:
        if isinstance(found, list):
            found = found[int(step)] if int(step) < len(found) else None
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found


def place(carry: str, token: str, places: tuple[dict[str, str], ...]) -> None:
    """Put *token* where *carry* says."""
    headers, query, form = places
    kind, _, name = carry.partition(" ")
    if kind == "scheme":
        headers["Authorization"] = f"{name} {token}"
    elif kind == "raw":
        headers["Authorization"] = token
    else:
        {"header": headers, "query": query, "form": form}[kind][name] = token


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def came_back(response: TestResponse) -> dict[str, str]:
    """The parameters of an answer to the client, by redirect or by form."""
    if response.status_code == 200:
        found = re.findall(r'name="([^"]+)" value="([^"]*)"', response.text)
        assert "<form" in response.text, response.text
        return {name: value.replace("&#34;", '"') for name, value in found}
    assert response.status_code == 302, response.text
    assert response.headers["Location"].startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def query_of(data: Any) -> str:
    """A GraphQL query for all that *data* have."""
    if not isinstance(data, dict):
        return ""
    return "{ " + " ".join(f"{name} {query_of(value)}" for name, value in data.items()) + " }"


def alipay_signed(form: dict[str, str]) -> dict[str, str]:
    common = {
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": "2026-01-31 12:00:00",
        "version": "1.0",
    }
    signed = {**form, **common}
    text = "&".join(f"{name}={signed[name]}" for name in sorted(signed))
    signature = own_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return {**signed, "sign": base64.b64encode(signature).decode()}


def odnoklassniki_sig(query: dict[str, str], token: str) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    pairs = "".join(f"{k}={query[k]}" for k in sorted(query) if k not in ("access_token", "sig"))
    return md5(pairs + md5(token + SECRET))


def apple_secret(**changes: Any) -> str:
    now = int(time.time())
    header = {"alg": "ES256", "kid": "ABC123DEFG", **changes.pop("header", {})}
    claims = {
        "iss": "DEF123GHIJ",
        "sub": CLIENT_ID,
        "aud": "https://appleid.apple.com",
        "iat": now,
        "exp": now + 3600,
        **changes,
    }
    return jwt.encode(
        header, claims, ECKey.import_key(private_pem(apple_key())), algorithms=["ES256"]
    )


def opened(token: str) -> str:
    """What is in an encrypted token."""
    key = RSAKey.import_key(private_pem(own_key()))
    plain = jwe.decrypt_compact(token, key, algorithms=["RSA-OAEP-256", "A256GCM"]).plaintext
    assert plain is not None
    return plain.decode()


def part(token: str, number: int) -> dict[str, Any]:
    """The header (0) or claims (1) of a compact JWS."""
    text = token.split(".")[number]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def hmac_sha256(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
