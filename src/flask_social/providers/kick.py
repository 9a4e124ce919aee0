"""Kick -- https://docs.kick.com/getting-started/generating-tokens-oauth2-flow"""

from ..http import Request
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..values import Client, Token


def revocation(request: Request, token: Token, client: Client) -> Request:
    """At revocation the query says which token, and of what kind by a name of its own."""
    if token.refresh_token:
        return request.with_query(token=token.refresh_token, token_hint_type="refresh_token")
    return request.with_query(token=token.access_token, token_hint_type="access_token")


provider = OAuth2(
    id="kick", name="Kick", color="#53FC19", console="https://kick.com/settings/developer",
    authorize_url="https://id.kick.com/oauth/authorize",
    token_url="https://id.kick.com/oauth/token",
    api_url="https://api.kick.com/public/v1/", profile_call="users",
    scopes=("user:read",),
    revoke_url="https://id.kick.com/oauth/revoke", shape_revoke=revocation,
    identity=fields(
        subject="data[0].user_id", username="data[0].name", name="data[0].name",
        email="data[0].email", profile_url="https://kick.com/{data[0].name}",
        image_url="data[0].profile_picture",
    ),
    email_trust="never",
)
