"""Dailymotion -- https://developers.dailymotion.com/v0/docs/authenticate"""

from dataclasses import replace

from ..http import Request
from ..protocols.credentials import bearer
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..values import Client, Token


def logout(request: Request, token: Token, client: Client) -> Request:
    """The person's token is ended by a GET with it."""
    return bearer(replace(request, method="GET"), token, client)


provider = OAuth2(
    id="dailymotion", name="Dailymotion", color="#0A0A0A",
    console="https://www.dailymotion.com/partner/settings/developer",
    authorize_url="https://www.dailymotion.com/oauth/authorize",
    token_url="https://api.dailymotion.com/oauth/token",
    api_url="https://api.dailymotion.com/",
    scopes=("userinfo", "email"),
    assume_bearer=True,
    # Without their names it tells two of the fields.
    profile_call="me?fields=id,screenname,username,fullname,email,avatar_720_url,url",
    revoke_url="https://api.dailymotion.com/logout", shape_revoke=logout,
    identity=fields(
        subject="id", username=("username", "screenname"), name=("fullname", "screenname"),
        email="email", profile_url="url", image_url="avatar_720_url",
    ),
    email_trust="never",
)
