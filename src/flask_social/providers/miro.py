"""Miro -- https://developers.miro.com/docs/getting-started-with-oauth

Whether its word on an address counts is disputed. Who trusts it says ``"email_trust": "flag"``:
then the addresses of registered people are verified.
"""

from ..http import Request
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as
from ..protocols.shaping import as_json
from ..values import Client, Token


def in_its_words(request: Request, token: Token, client: Client) -> Request:
    """Revocation takes JSON, with names of its own."""
    names = {"clientId": "{client_id}", "clientSecret": "{client_secret}"}
    return as_json(access_token_as("accessToken", **names)(request, token, client))


provider = OAuth2(
    id="miro", name="Miro", color="#050038",
    console="https://miro.com/app/settings/user-profile/apps",
    authorize_url="https://miro.com/oauth/authorize",
    token_url="https://api.miro.com/v1/oauth/token",
    revoke_url="https://api.miro.com/v2/oauth/revoke", shape_revoke=in_its_words,
    # Its API is below, at v2/.
    api_url="https://api.miro.com/",
    scopes=("identity:read",),
    profile_call="v1/users/me",
    identity=fields(
        subject="id",
        name="name",
        email="email",
        # Who was invited and has not come yet has confirmed nothing.
        email_verified=lambda profile: profile.get("state") == "registered",
        image_url="picture.imageUrl",
    ),
    email_trust="never", refreshes=None,
)
