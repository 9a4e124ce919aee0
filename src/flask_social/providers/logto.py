"""Logto -- https://docs.logto.io/integrate-logto/integrate-logto-into-your-application"""

from ..protocols.credentials import basic
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="logto", name="Logto", console="https://cloud.logto.io/",
    issuer="https://{host}/oidc",
    api_url="https://{host}/api/",
    algorithms=("ES384",),
    # It gives a refresh token only to people who were asked.
    offline_scopes=("offline_access",),
    offline_params={"prompt": "consent"},
    client_auth=basic,
    identity=claims(username="username"),
)
