"""Etsy -- https://developers.etsy.com/documentation/essentials/authentication/

An application proves who it is by PKCE alone, but its secret goes with every call.
"""

from ..http import Get
from ..protocols.credentials import public
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """A token begins with the id of the person that it is of."""
    user, dot, _ = token.access_token.partition(".")
    return get(f"users/{int(user)}") if dot else {}


provider = OAuth2(
    id="etsy", name="Etsy", color="#F16521", console="https://www.etsy.com/developers/your-apps",
    authorize_url="https://www.etsy.com/oauth/connect",
    token_url="https://api.etsy.com/v3/public/oauth/token",
    api_url="https://openapi.etsy.com/v3/application/",
    scopes=("email_r",),
    headers={"x-api-key": "{client_id}:{client_secret}"},
    client_auth=public, assume_bearer=True,
    profile=profile,
    identity=fields(
        subject="user_id", name="{first_name} {last_name}", email="primary_email",
        image_url="image_url_75x75",
    ),
    email_trust="never",
)
