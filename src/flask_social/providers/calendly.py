"""Calendly -- https://developer.calendly.com/creating-an-oauth-app"""

from ..http import Request
from ..protocols.credentials import basic, post
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import with_token
from ..values import Client, Token


def revocation(request: Request, token: Token, client: Client) -> Request:
    """Revocation wants id and secret in the form."""
    return post(with_token(request, token, client), client, request.url)


provider = OAuth2(
    id="calendly", name="Calendly", color="#006BFF",
    console="https://developer.calendly.com/console/apps",
    authorize_url="https://auth.calendly.com/oauth/authorize",
    token_url="https://auth.calendly.com/oauth/token",
    api_url="https://api.calendly.com/", profile_call="users/me",
    client_auth=basic,
    revoke_url="https://auth.calendly.com/oauth/revoke", shape_revoke=revocation,
    identity=fields(
        subject="resource.uri", username="resource.slug", name="resource.name",
        email="resource.email", profile_url="resource.scheduling_url",
        image_url="resource.avatar_url",
    ),
    email_trust="never",
)
