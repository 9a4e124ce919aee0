"""Who may speak for whom in the AT Protocol, as the servers themselves say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import dialect, samples
from ..people import SAMPLE, Person
from ..provider import Provider

if TYPE_CHECKING:
    from ..app import Sandbox

SERVER = "pds.example"
KIND = "AtprotoPersonalDataServer"


def metadata(sandbox: Sandbox, provider: Provider) -> dict[str, Any]:
    """What the authorization server says of itself (RFC 8414 section 2)."""
    home = f"{sandbox.url}{provider.id}"
    return {
        "issuer": home,
        "authorization_endpoint": f"{home}/authorize",
        "token_endpoint": f"{home}/token",
        "pushed_authorization_request_endpoint": f"{home}/par",
        "revocation_endpoint": f"{home}/revoke",
        "require_pushed_authorization_requests": True,
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "scopes_supported": list(provider.script.default_scopes),
        "authorization_response_iss_parameter_supported": True,
        "dpop_signing_alg_values_supported": ["ES256"],
        "client_id_metadata_document_supported": True,
    }


def did_of(provider: Provider, person: Person) -> str:
    """The DID of *person*, as in their profile."""
    return str(samples.document(dialect.play_of(provider), "profile", person)["did"])


def did_document(sandbox: Sandbox, provider: Provider, did: str) -> dict[str, Any] | None:
    """The document of a person's DID, which names their server."""
    people = (*sandbox.people.values(), SAMPLE)
    person = next((each for each in people if did_of(provider, each) == did), None)
    if person is None:
        return None
    server = {"id": "#atproto_pds", "type": KIND, "serviceEndpoint": f"https://{SERVER}"}
    known_as = [f"at://{person.username}.bsky.social"]
    return {"id": did, "alsoKnownAs": known_as, "service": [server]}


def resource(sandbox: Sandbox, provider: Provider) -> dict[str, Any]:
    """What everybody's server says of who may grant access to it (RFC 9728 section 2)."""
    issuer = f"{sandbox.url}{provider.id}"
    return {"resource": f"https://{SERVER}", "authorization_servers": [issuer]}
