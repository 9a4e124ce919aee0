"""Vercel -- https://vercel.com/docs/sign-in-with-vercel"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="vercel", name="Vercel", color="#000000", console="https://vercel.com/account/settings",
    issuer="https://vercel.com",
    api_url="https://api.vercel.com/",
    offline_scopes=("offline_access",),
)
