"""Asgardeo -- https://wso2.com/asgardeo/docs/guides/applications/register-oidc-web-app/"""

from ..protocols.credentials import basic
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="asgardeo", name="Asgardeo", color="#FF7300", console="https://console.asgardeo.io/",
    issuer="https://api.asgardeo.io/t/{org}/oauth2/token",
    api_url="https://api.asgardeo.io/t/{org}/",
    client_auth=basic,
    identity=claims(username="username"),
    email_trust="never", refreshes=None,
)
