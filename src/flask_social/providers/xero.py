"""Xero -- https://developer.xero.com/documentation/guides/oauth2/auth-flow/"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oidc import OIDC

provider = OIDC(
    id="xero", name="Xero", color="#13B5EA", console="https://developer.xero.com/app/manage",
    issuer="https://identity.xero.com",
    api_url="https://api.xero.com/",
    offline_scopes=("offline_access",),
    client_auth=basic,
    revoke_url="https://identity.xero.com/connect/revocation",
    identity=fields(
        subject=("xero_userid", "sub"), username="preferred_username",
        name="{given_name} {family_name}", email="email",
    ),
    email_trust="never",
)
