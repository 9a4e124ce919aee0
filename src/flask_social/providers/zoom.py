"""Zoom -- https://developers.zoom.us/docs/integrations/oauth/"""

from ..http import Request
from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as
from ..values import Client, Token


def revocation(request: Request, token: Token, client: Client) -> Request:
    """Revocation takes the access token, and no refresh token."""
    return basic(access_token_as("token")(request, token, client), client, request.url)


provider = OAuth2(
    id="zoom", name="Zoom", color="#0B5CFF", console="https://marketplace.zoom.us/develop/create",
    authorize_url="https://zoom.us/oauth/authorize",
    token_url="https://zoom.us/oauth/token",
    api_url="https://api.zoom.us/v2/", profile_call="users/me",
    scopes=("user:read:user",),
    client_auth=basic,
    revoke_url="https://zoom.us/oauth/revoke", shape_revoke=revocation,
    identity=fields(
        subject="id",
        name=("{first_name} {last_name}", "display_name"),
        email="email",
        # The flag is 0 or 1.
        email_verified=lambda profile: profile.get("verified") == 1,
        image_url="pic_url",
    ),
    email_trust="flag",
)
