"""Foursquare -- https://docs.foursquare.com/developer/reference/authentication"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="foursquare", name="Foursquare", color="#3333FF",
    console="https://foursquare.com/developers/home",
    authorize_url="https://foursquare.com/oauth2/authenticate",
    token_url="https://foursquare.com/oauth2/access_token",
    api_url="https://api.foursquare.com/v2/", profile_call="users/self",
    # Its API knows no header for the token and wants the date of its version on every call.
    token_use=in_query("oauth_token", v="20231010"),
    # The token answer is {"access_token": ...} and nothing else.
    assume_bearer=True,
    identity=fields(
        subject="response.user.id", name="{response.user.firstName} {response.user.lastName}",
        email="response.user.contact.email",
        profile_url="https://foursquare.com/user/{response.user.id}",
        image_url="{response.user.photo.prefix}original{response.user.photo.suffix}",
    ),
    email_trust="never", refreshes=False,
)
