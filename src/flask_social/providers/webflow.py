"""Webflow -- https://developers.webflow.com/data/reference/oauth-app"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as

provider = OAuth2(
    id="webflow", name="Webflow", color="#146EF5",
    console="https://webflow.com/dashboard/workspace",
    authorize_url="https://webflow.com/oauth/authorize",
    token_url="https://api.webflow.com/oauth/access_token",
    api_url="https://api.webflow.com/v2/", profile_call="token/authorized_by",
    scopes=("authorized_user:read",),
    revoke_url="https://webflow.com/oauth/revoke_authorization",
    shape_revoke=access_token_as(
        "access_token", client_id="{client_id}", client_secret="{client_secret}",
    ),
    identity=fields(subject="id", name="{firstName} {lastName}", email="email"),
    email_trust="never", refreshes=False,
)
