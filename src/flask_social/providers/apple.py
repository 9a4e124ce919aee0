"""Apple -- https://developer.apple.com/documentation/signinwithapplerestapi"""

from contextlib import suppress
from dataclasses import dataclass, replace

from ..http import Params, Request, Send, read_json
from ..protocols.credentials import assertion
from ..protocols.identity import is_true, look_up, read_text
from ..protocols.oidc import OIDC
from ..values import Client, Flow, Grant


def secret_made_now(request: Request, client: Client, audience: str) -> Request:
    """Its client secret is no text but a statement of the team's, signed and good for minutes."""
    secret = assertion(client, audience, issuer=client.more["team_id"], lifetime=300)
    return request.with_form(client_id=client.id, client_secret=secret)


@dataclass(frozen=True, kw_only=True)
class Apple(OIDC):
    """The name comes once, beside the code and signed by nobody: it is shown, and no more."""

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        grant, name = super().complete(client, flow, params, send), None
        with suppress(ValueError):
            user = read_json(params.get("user", "").encode())
            name = read_text(look_up("{name.firstName} {name.lastName}", user))
        found = grant.identity
        raw = {**found.raw, "is_private_email": is_true(found.raw.get("is_private_email"))}
        return replace(grant, identity=replace(found, name=name or found.name, raw=raw))


provider = Apple(
    id="apple", name="Apple", color="#000000",
    proofs=("consumer_key", "private_key", "key_id"),
    console="https://developer.apple.com/account/resources/identifiers/list/serviceId",
    issuer="https://appleid.apple.com",
    credentials=("team_id",),
    scopes=("name", "email"),
    response_mode="form_post",
    client_auth=secret_made_now,
    userinfo=False,
    revoke_url="https://appleid.apple.com/auth/revoke",
)
