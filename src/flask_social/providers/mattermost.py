"""Mattermost -- https://developers.mattermost.com/integrate/apps/authentication/oauth2/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="mattermost", name="Mattermost", color="#0058CC",
    console="https://{host}/_redirect/integrations/oauth2-apps",
    issuer="https://{host}",
    authorize_url="https://{host}/oauth/authorize",
    token_url="https://{host}/oauth/access_token",
    api_url="https://{host}/api/v4/", profile_call="users/me",
    identity=fields(
        subject="id", username="username",
        name=("{first_name} {last_name}", "nickname", "username"), email="email",
        email_verified="email_verified",
    ),
    email_trust="flag",
)
