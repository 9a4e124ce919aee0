"""Pipedrive -- https://pipedrive.readme.io/docs/marketplace-oauth-authorization"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="pipedrive", name="Pipedrive", console="https://app.pipedrive.com/developer-hub",
    authorize_url="https://oauth.pipedrive.com/oauth/authorize",
    token_url="https://oauth.pipedrive.com/oauth/token",
    revoke_url="https://oauth.pipedrive.com/oauth/revoke",
    api_url="https://api.pipedrive.com/v1/", profile_call="users/me",
    client_auth=basic,
    identity=fields(
        subject="data.id", name="data.name", email="data.email", image_url="data.icon_url",
    ),
    email_trust="never",
)
