"""Trovo -- https://developer.trovo.live/docs/APIs.html#_3-authentication"""

from ..http import Request
from ..protocols.credentials import scheme
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as
from ..protocols.shaping import as_json, of_bearer
from ..values import Client, Token


def as_json_too(request: Request, token: Token, client: Client) -> Request:
    """Revocation takes JSON as well, like all that it is sent."""
    return as_json(access_token_as("access_token")(request, token, client))


provider = OAuth2(
    id="trovo", name="Trovo", console="https://developer.trovo.live/",
    authorize_url="https://open.trovo.live/page/login.html",
    token_url="https://open-api.trovo.live/openplatform/exchangetoken",
    refresh_url="https://open-api.trovo.live/openplatform/refreshtoken",
    revoke_url="https://open-api.trovo.live/openplatform/revoke",
    shape_revoke=as_json_too,
    api_url="https://open-api.trovo.live/openplatform/", profile_call="getuserinfo",
    scopes=("user_details_self",),
    headers={"Client-ID": "{client_id}"},
    shape_token_request=as_json,
    token_use=scheme("OAuth"),
    # The type that it names may be called like the scheme.
    shape_token=of_bearer,
    identity=fields(
        subject="userId", username="userName", name="nickName", email="email",
        profile_url="https://trovo.live/{userName}", image_url="profilePic",
    ),
    email_trust="never",
)
