"""Roblox -- https://create.roblox.com/docs/cloud/auth/oauth2-overview"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="roblox", name="Roblox", color="#000000",
    console="https://create.roblox.com/dashboard/credentials",
    issuer="https://apis.roblox.com/oauth/",
    api_url="https://apis.roblox.com/",
    scopes=("openid", "profile"),
    algorithms=("ES256",),
    revoke_url="https://apis.roblox.com/oauth/v1/token/revoke",
    email_trust="none",
)
