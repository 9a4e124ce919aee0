"""authentik -- https://docs.goauthentik.io/add-secure-apps/providers/oauth2/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="authentik", name="authentik", color="#FD4B2D",
    console="https://{host}/if/admin/#/core/applications",
    issuer="https://{host}/application/o/{slug}/",
    api_url="https://{host}/api/v3/",
    offline_scopes=("offline_access",),
    client_auth=basic,
)
