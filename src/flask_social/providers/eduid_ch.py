"""SWITCH edu-ID -- https://help.switch.ch/eduid/docs/services/openid-connect/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="eduid_ch", name="SWITCH edu-ID", console="https://rr.aai.switch.ch/",
    issuer="https://login.eduid.ch/",
    offline_scopes=("offline_access",),
    client_auth=basic,
    revoke_url="https://login.eduid.ch/idp/profile/oauth2/revocation",
)
