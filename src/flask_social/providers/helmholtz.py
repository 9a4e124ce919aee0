"""Helmholtz ID -- https://hifis.net/doc/helmholtz-aai/howto-services/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="helmholtz", name="Helmholtz ID", color="#005AA0", console="https://hifis.net/",
    issuer="https://login.helmholtz.de/oauth2",
    offline_scopes=("offline_access",),
    client_auth=basic,
)
