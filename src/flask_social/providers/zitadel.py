"""ZITADEL -- https://zitadel.com/docs/guides/integrate/login/oidc"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="zitadel", name="ZITADEL", console="https://{domain}/ui/console",
    issuer="https://{domain}",
    api_url="https://{domain}/",
    offline_scopes=("offline_access",),
    client_auth=basic,
)
