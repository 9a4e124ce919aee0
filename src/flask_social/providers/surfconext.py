"""SURFconext -- https://servicedesk.surf.nl/wiki/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="surfconext", name="SURFconext", console="https://sp.surfconext.nl/",
    issuer="https://connect.surfconext.nl",
    scopes=("openid",),
    client_auth=basic,
    identity=claims(username="uids[0]"),
    email_trust="never", refreshes=None,
)
