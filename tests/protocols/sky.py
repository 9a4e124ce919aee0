"""An authorization server, a directory and a person's own server of the AT Protocol, on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_social.http import Request, Response
from flask_social.protocols.atproto import Atproto
from flask_social.protocols.identity import fields
from flask_social.values import Client

from .paper import Answer, Paper, answer
from .proofs import with_nonce

ISSUER = "https://auth.example.org"
PDS = "https://pds.example.net"
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
OTHER = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
URN = "urn:ietf:params:oauth:request_uri:1"
SERVER = f"{ISSUER}/.well-known/oauth-authorization-server"
PAR, TOKEN, REVOKE = (f"{ISSUER}/oauth/{each}" for each in ("par", "token", "revoke"))
DOCUMENT = f"https://plc.directory/{DID}"
RESOURCE = f"{PDS}/.well-known/oauth-protected-resource"
SESSION = f"{PDS}/xrpc/com.atproto.server.getSession"
WE = Client(id="https://app.example/client-metadata/sky.json")
SKY = Atproto(
    id="sky",
    name="Sky",
    issuer=ISSUER,
    api_url=f"{ISSUER}/xrpc/",
    profile_call="com.atproto.server.getSession",
    identity=fields(
        subject="did", username="handle", email="email", email_verified="emailConfirmed"
    ),
    email_trust="flag",
)


def metadata(**changes: Any) -> dict[str, Any]:
    """What the authorization server says of itself; ``...`` leaves something out."""
    good = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/oauth/authorize",
        "token_endpoint": TOKEN,
        "pushed_authorization_request_endpoint": PAR,
        "revocation_endpoint": REVOKE,
        "jwks_uri": f"{ISSUER}/oauth/jwks",
        "dpop_signing_alg_values_supported": ["RS256", "ES256"],
        "client_id_metadata_document_supported": True,
        "authorization_response_iss_parameter_supported": True,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def granted(**changes: Any) -> dict[str, Any]:
    """The token answer; ``...`` leaves something out."""
    good = {
        "access_token": "the-access-token",
        "token_type": "DPoP",
        "refresh_token": "the-refresh-token",
        "expires_in": 1800,
        "scope": "atproto transition:generic transition:email",
        "sub": DID,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def document(did: str = DID, pds: str = PDS) -> dict[str, Any]:
    """The DID's document."""
    kind = "AtprotoPersonalDataServer"
    return {"id": did, "service": [{"id": "#atproto_pds", "type": kind, "serviceEndpoint": pds}]}


def resource(*issuers: str, pds: str = PDS) -> dict[str, Any]:
    """What the person's server says of who speaks for it."""
    return {"resource": pds, "authorization_servers": list(issuers)}


def session(**changes: Any) -> dict[str, Any]:
    """Who the person's server says that a token is of."""
    about = {"did": DID, "handle": "ada.example.net", "email": "ada@example.net"}
    return {**about, "emailConfirmed": True, **changes}


def in_turn(*answers: Response) -> Callable[[Request], Response]:
    """One answer after the other."""
    left = list(answers)
    return lambda request: left.pop(0)


def sky(changes: Mapping[str, Answer] | None = None) -> Paper:
    """The network, with some answers changed."""
    good: dict[str, Answer] = {
        SERVER: answer(metadata()),
        PAR: with_nonce(answer({"request_uri": URN, "expires_in": 60}, 201)),
        TOKEN: with_nonce(answer(granted())),
        REVOKE: with_nonce(answer({})),
        DOCUMENT: answer(document(), media="application/did+ld+json"),
        RESOURCE: answer(resource(ISSUER)),
        SESSION: with_nonce(answer(session())),
    }
    return Paper({**good, **(changes or {})})
