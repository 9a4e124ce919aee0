"""OneLogin -- https://developers.onelogin.com/openid-connect"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="onelogin", name="OneLogin", console="https://{subdomain}.onelogin.com/admin2/apps",
    issuer="https://{subdomain}.onelogin.com/oidc/2",
    api_url="https://{subdomain}.onelogin.com/api/2/",
    offline_scopes=("offline_access",),
    client_auth=basic,
    email_trust="never",
)
