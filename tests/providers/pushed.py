"""A provider to which requests are pushed, and people's own servers behind it, on paper."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask_social.protocols import dpop
from flask_social.protocols.atproto import Atproto
from tests.protocols.paper import Answer, Paper, answer
from tests.protocols.proofs import with_nonce

KEY = dpop.new_key()
SERVER = "https://pds.example.net"
KIND = "AtprotoPersonalDataServer"


def answering(
    provider: Atproto, token: dict[str, Any], profile: dict[str, Any]
) -> dict[str, Answer]:
    """The authorization server, the directory, and the server where the account is."""
    home, did = provider.issuer, token.get("sub", "")
    metadata = {
        "issuer": home,
        "authorization_endpoint": f"{home}/oauth/authorize",
        "token_endpoint": f"{home}/oauth/token",
        "pushed_authorization_request_endpoint": f"{home}/oauth/par",
        "revocation_endpoint": f"{home}/oauth/revoke",
        "dpop_signing_alg_values_supported": ["ES256"],
        "client_id_metadata_document_supported": True,
    }
    service = {"id": "#atproto_pds", "type": KIND, "serviceEndpoint": SERVER}
    resource = {"resource": SERVER, "authorization_servers": [home]}
    return {
        f"{home}/.well-known/oauth-authorization-server": answer(metadata),
        f"{home}/oauth/par": with_nonce(answer({"request_uri": "urn:1", "expires_in": 60}, 201)),
        f"{home}/oauth/token": with_nonce(answer(token)),
        f"{provider.directory_url}/{did}": answer({"id": did, "service": [service]}),
        f"{SERVER}/.well-known/oauth-protected-resource": answer(resource),
        **{f"{SERVER}/xrpc/{path}": with_nonce(answer(each)) for path, each in profile.items()},
    }


def asked(url: str, send: Paper) -> dict[str, list[str]]:
    """The parameters of an authorization request: in its address, or pushed before."""
    query = parse_qs(urlsplit(url).query, keep_blank_values=True)
    if "request_uri" not in query:
        return query
    assert query.keys() == {"client_id", "request_uri"}
    [pushed] = [each.form or {} for each in send.sent if each.purpose.startswith("pushing")]
    return {name: [value] for name, value in pushed.items()}
