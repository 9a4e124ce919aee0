"""Okta -- https://developer.okta.com/docs/reference/api/oidc/

The authorization server is the one called ``default`` unless ``auth_server`` says otherwise. For
an organisation's own server the issuer is its domain alone: ``"issuer": "https://ada.okta.com"``.
"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="okta", name="Okta", color="#007DC1", console="https://{domain}/admin/apps/active",
    places={"auth_server": "default"},
    issuer="https://{domain}/oauth2/{auth_server}",
    api_url="https://{domain}/api/v1/",
    offline_scopes=("offline_access",),
    client_auth=basic,
    # An ID token that comes with an access token tells little more than the name.
    userinfo=True,
)
