"""Vipps MobilePay -- https://developer.vippsmobilepay.com/docs/APIs/login-api/api-guide"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="vipps", name="Vipps MobilePay", color="#FF5B24",
    console="https://portal.vippsmobilepay.com/",
    issuer="https://api.vipps.no/access-management-1.0/access/",
    scopes=("openid", "name", "email"),
    client_auth=basic,
    refreshes=False,
)
