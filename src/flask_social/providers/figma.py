"""Figma -- https://developers.figma.com/docs/rest-api/oauth-apps/"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="figma", name="Figma", color="#F24E1E", console="https://www.figma.com/developers/apps",
    authorize_url="https://www.figma.com/oauth",
    token_url="https://api.figma.com/v1/oauth/token",
    refresh_url="https://api.figma.com/v1/oauth/refresh",
    api_url="https://api.figma.com/v1/", profile_call="me",
    scopes=("current_user:read",), scope_separator=",",
    client_auth=basic, assume_bearer=True,
    identity=fields(subject="id", name="handle", email="email", image_url="img_url"),
    email_trust="never",
)
