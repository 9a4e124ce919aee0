"""Autodesk -- https://aps.autodesk.com/en/docs/oauth/v2/tutorials/get-3-legged-token/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="autodesk", name="Autodesk", color="#000000", console="https://aps.autodesk.com/myapps/",
    issuer="https://developer.api.autodesk.com",
    api_url="https://developer.api.autodesk.com/",
    scopes=("openid", "user-profile:read"),
    client_auth=basic,
)
