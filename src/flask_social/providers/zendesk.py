"""Zendesk -- https://support.zendesk.com/hc/en-us/articles/4408845965210-Using-OAuth-authentication-with-your-application"""

from ..protocols.credentials import bearer
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import deleted_with

provider = OAuth2(
    id="zendesk", name="Zendesk", color="#03363D",
    console="https://{subdomain}.zendesk.com/admin/apps-integrations/apis/zendesk-api/oauth_clients",
    issuer="https://{subdomain}.zendesk.com",
    authorize_url="https://{subdomain}.zendesk.com/oauth/authorizations/new",
    token_url="https://{subdomain}.zendesk.com/oauth/tokens",
    revoke_url="oauth/tokens/current.json", shape_revoke=deleted_with(bearer),
    api_url="https://{subdomain}.zendesk.com/api/v2/", profile_call="users/me.json",
    scopes=("read",),
    identity=fields(
        subject="user.id", name="user.name", email="user.email", email_verified="user.verified",
        image_url="user.photo.content_url",
    ),
    email_trust="flag", refreshes=None,
)
