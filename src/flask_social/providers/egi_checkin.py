"""EGI Check-in -- https://docs.egi.eu/providers/check-in/sp/

The server for tests is ``"host": "aai-demo.egi.eu"``.
"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="egi_checkin", name="EGI Check-in", console="https://aai.egi.eu/federation",
    places={"host": "aai.egi.eu"},
    issuer="https://{host}/auth/realms/egi",
    scopes=("openid", "profile", "email", "voperson_id"),
    offline_scopes=("offline_access",),
    client_auth=basic,
    identity=claims(username="voperson_id"),
)
