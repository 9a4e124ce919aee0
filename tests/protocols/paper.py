"""Providers on paper: answers by URL, and tokens signed with keys made here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from flask_social.http import Request, Response
from flask_social.values import Client, Flow, Intent, Token

T = TypeVar("T")
Answer = Response | Exception | Callable[[Request], Response]

NOW = 1_800_000_000
ISSUER = "https://op.example"
CLIENT = Client(id="our-id", secret="our secret, thirty-two bytes long")
NONCE = "the-nonce-of-this-trip"


def answer(document: Any, status: int = 200, media: str = "application/json") -> Response:
    """An answer in JSON, or of another type when *document* is bytes."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Response(status=status, headers={"content-type": f"{media}; charset=utf-8"}, body=body)


class Paper:
    """A network of which everything is written down; it keeps what it was asked."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.sent: list[Request] = []
        self.kept: dict[tuple[str, Any], Any] = {}

    def __call__(self, request: Request) -> Response:
        self.sent.append(request)
        found = self.answers[request.url.partition("?")[0]]
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Response) else found(request)

    def cached(
        self, request: Request, read: Callable[[Response], T], *, refetch: bool = False
    ) -> T:
        key = (request.url, read)
        if refetch or key not in self.kept:
            self.kept[key] = read(self(request))
        kept: T = self.kept[key]
        return kept

    @property
    def asked(self) -> list[str]:
        """The URLs asked, in order, without their queries."""
        return [request.url.partition("?")[0] for request in self.sent]


def flow(**changes: Any) -> Flow:
    """A trip that has set out a moment ago."""
    fields = {
        "provider_id": "op",
        "intent": Intent.LOGIN,
        "callback_url": "https://app.example/login/op",
        "created_at": NOW - 5,
        "state": "the-state",
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "nonce": NONCE,
    }
    return Flow(**{**fields, **changes})


def token(**changes: Any) -> Token:
    """A token as granted."""
    return Token(**{"access_token": "the-access-token", **changes})


@cache
def rsa(name: str = "one", bits: int = 2048) -> RSAKey:
    """A key that stays the same for a name."""
    return RSAKey.generate_key(bits, {"kid": name})


@cache
def ec(curve: Any = "P-256") -> ECKey:
    return ECKey.generate_key(curve, {"kid": curve})


@cache
def okp(curve: Any = "Ed25519") -> OKPKey:
    return OKPKey.generate_key(curve, {"kid": curve})


def public(key: Key, **changes: Any) -> dict[str, Any]:
    """A member of a key set; ``None`` leaves one out."""
    members = {**key.as_dict(private=False), **changes}
    return {name: value for name, value in members.items() if value is not None}


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good ID token, changed; ``...`` leaves one out."""
    good = {
        "iss": ISSUER,
        "aud": CLIENT.id,
        "sub": "person-1",
        "exp": NOW + 300,
        "iat": NOW,
        "nonce": NONCE,
        "name": "Ada Example",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def sign(
    payload: Mapping[str, Any] | bytes,
    key: Key | None = None,
    header: Mapping[str, Any] | None = None,
) -> str:
    """A compact signature over *payload* by *key*; ``...`` leaves a header member out."""
    key = key or rsa()
    members = {"alg": "RS256", "kid": key.kid, **(header or {})}
    members = {name: value for name, value in members.items() if value is not ...}
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    registry = jws.JWSRegistry(algorithms=[members["alg"]], strict_check_header=False)
    return jws.serialize_compact(members, body, key, registry=registry)
