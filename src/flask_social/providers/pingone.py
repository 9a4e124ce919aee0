"""PingOne -- https://developer.pingidentity.com/pingone-api/auth/openid-connect-oauth-2.html

``region`` is the end of its addresses: ``com``, ``eu``, ``ca``, ``asia``.
"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="pingone", name="PingOne", console="https://console.pingone.{region}/",
    places={"region": "com"},
    issuer="https://auth.pingone.{region}/{environment_id}/as",
    api_url="https://api.pingone.{region}/v1/",
    client_auth=basic,
    email_trust="never", refreshes=None,
)
