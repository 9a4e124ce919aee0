"""Kinde -- https://docs.kinde.com/developer-tools/about/using-kinde-without-an-sdk/"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="kinde", name="Kinde", console="https://app.kinde.com/",
    issuer="https://{domain}",
    api_url="https://{domain}/api/v1/",
    offline_scopes=("offline",),
)
