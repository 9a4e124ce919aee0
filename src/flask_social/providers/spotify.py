"""Spotify -- https://developer.spotify.com/documentation/web-api/tutorials/code-flow"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="spotify", name="Spotify", color="#1ED760",
    console="https://developer.spotify.com/dashboard",
    authorize_url="https://accounts.spotify.com/authorize",
    token_url="https://accounts.spotify.com/api/token",
    api_url="https://api.spotify.com/v1/", profile_call="me",
    scopes=("user-read-email", "user-read-private"),
    client_auth=basic,
    identity=fields(
        subject="id", username="id", name="display_name", email="email",
        profile_url="external_urls.spotify", image_url="images[0].url",
    ),
    email_trust="never",
)
