"""Uber -- https://developer.uber.com/docs/riders/guides/authentication/introduction"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="uber", name="Uber", color="#000000", console="https://developer.uber.com/dashboard",
    authorize_url="https://login.uber.com/oauth/v2/authorize",
    token_url="https://login.uber.com/oauth/v2/token",
    revoke_url="https://login.uber.com/oauth/v2/revoke",
    api_url="https://api.uber.com/v1.2/", profile_call="me",
    scopes=("profile",),
    offline_scopes=("offline_access",),
    identity=fields(
        subject="uuid", name="{first_name} {last_name}", email="email", image_url="picture",
    ),
    email_trust="never",
)
