"""HubSpot -- https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth

A token is introspected, which tells who installed the application: ``user`` is an address. No flag
tells whether it was checked.
"""

from ..protocols.calls import posted
from ..protocols.credentials import in_form
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="hubspot", name="HubSpot", color="#FF7A59", console="https://developers.hubspot.com/",
    authorize_url="https://app.hubspot.com/oauth/authorize",
    token_url="https://api.hubapi.com/oauth/2026-03/token",
    api_url="https://api.hubapi.com/",
    scopes=("oauth",),
    token_use=in_form("token"),
    assume_bearer=True,
    profile=posted(
        "oauth/2026-03/token/introspect", client_id="{client_id}", client_secret="{client_secret}",
        token_type_hint="access_token",
    ),
    revoke_url="oauth/2026-03/token/revoke",
    identity=fields(subject="user_id", username="user", name="user", email="user"),
    email_trust="never",
)
