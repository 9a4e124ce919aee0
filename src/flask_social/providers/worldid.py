"""World ID -- https://docs.world.org/world-id/sign-in/deprecation"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="worldid", name="World ID", color="#000000", console="https://developer.worldcoin.org/",
    issuer="https://id.worldcoin.org",
    scopes=("openid",),
    client_auth=basic,
    # It tells nothing but that somebody is somebody.
    userinfo=False,
    email_trust="none", refreshes=False,
)
