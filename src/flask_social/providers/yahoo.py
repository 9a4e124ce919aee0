"""Yahoo -- https://developer.yahoo.com/oauth2/guide/openid_connect/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="yahoo", name="Yahoo", color="#6001D2", console="https://developer.yahoo.com/apps/",
    issuer="https://api.login.yahoo.com",
    api_url="https://api.login.yahoo.com/",
    client_auth=basic,
    revoke_url="https://api.login.yahoo.com/oauth2/revoke",
    identity=claims(username=("preferred_username", "nickname")),
)
