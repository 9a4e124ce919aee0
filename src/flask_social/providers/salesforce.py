"""Salesforce -- https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm&type=5

The domain is ``test.salesforce.com`` for sandboxes, or an organisation's My Domain. Only below
the latter does ``get_api()`` reach its data, at ``data/v60.0/``.
"""

from ..protocols.oidc import OIDC
from ..protocols.revoking import with_token

provider = OIDC(
    id="salesforce", name="Salesforce", color="#00A1E0", console="https://{domain}/",
    places={"domain": "login.salesforce.com"},
    # Its subjects name organisation and person, both: a user_id recurs in copies of one.
    issuer="https://{domain}",
    # Its metadata say where a token is revoked; by whom, it does not ask.
    shape_revoke=with_token,
    api_url="https://{domain}/services/",
    offline_scopes=("refresh_token",),
)
