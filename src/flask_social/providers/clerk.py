"""Clerk -- https://clerk.com/docs/guides/configure/auth-strategies/oauth/single-sign-on"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="clerk", name="Clerk", color="#6C47FF", console="https://dashboard.clerk.com/",
    issuer="https://{domain}",
    api_url="https://api.clerk.com/v1/",
    offline_scopes=("offline_access",),
    client_auth=basic,
)
