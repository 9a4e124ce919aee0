"""OpenID Connect -- https://openid.net/specs/openid-connect-core-1_0.html"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="oidc", name="OpenID Connect", color="#F78C40",
    issuer="{issuer}",
    offline_scopes=("offline_access",),
)
