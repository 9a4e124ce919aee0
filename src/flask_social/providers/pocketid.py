"""Pocket ID -- https://pocket-id.org/docs/guides/oidc-client-authentication"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="pocketid", name="Pocket ID", console="https://{host}/settings/admin/oidc-clients",
    issuer="https://{host}",
    api_url="https://{host}/api/",
    scopes=("openid", "profile", "email", "groups"),
)
