"""Atlassian -- https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/

The products have an API for each site: ``get_api().get("oauth/token/accessible-resources")`` lists
the sites, and ``ex/jira/<id>/rest/api/3/`` is where Jira's begins.
"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="atlassian", name="Atlassian", color="#0052CC",
    console="https://developer.atlassian.com/console/myapps/",
    authorize_url="https://auth.atlassian.com/authorize",
    token_url="https://auth.atlassian.com/oauth/token",
    api_url="https://api.atlassian.com/", profile_call="me",
    scopes=("read:me",),
    offline_scopes=("offline_access",),
    authorize_params={"audience": "api.atlassian.com", "prompt": "consent"},
    identity=fields(
        subject="account_id", username="nickname", name="name", email="email",
        email_verified="email_verified", image_url="picture",
    ),
    email_trust="flag",
)
