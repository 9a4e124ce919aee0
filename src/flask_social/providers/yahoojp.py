"""Yahoo! JAPAN ID -- https://developer.yahoo.co.jp/yconnect/v2/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="yahoojp", name="Yahoo! JAPAN ID", color="#FF0033",
    console="https://e.developer.yahoo.co.jp/dashboard/",
    issuer="https://auth.login.yahoo.co.jp/yconnect/v2",
    client_auth=basic,
)
