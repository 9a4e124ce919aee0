"""JumpCloud -- https://jumpcloud.com/support/sso-with-oidc"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="jumpcloud", name="JumpCloud", console="https://console.jumpcloud.com/",
    issuer="https://oauth.id.jumpcloud.com/",
    api_url="https://console.jumpcloud.com/api/",
    offline_scopes=("offline_access",),
    client_auth=basic,
)
