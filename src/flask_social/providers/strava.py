"""Strava -- https://developers.strava.com/docs/authentication/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as

provider = OAuth2(
    id="strava", name="Strava", color="#FC4C02", console="https://www.strava.com/settings/api",
    authorize_url="https://www.strava.com/oauth/authorize",
    token_url="https://www.strava.com/oauth/token",
    api_url="https://www.strava.com/api/v3/", profile_call="athlete",
    scopes=("read",), scope_separator=",",
    revoke_url="https://www.strava.com/oauth/deauthorize",
    shape_revoke=access_token_as("access_token"),
    identity=fields(
        subject="id", username="username", name="{firstname} {lastname}",
        profile_url="https://www.strava.com/athletes/{id}", image_url="profile",
    ),
    email_trust="none",
)
