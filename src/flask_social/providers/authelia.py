"""Authelia -- https://www.authelia.com/configuration/identity-providers/openid-connect/clients/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="authelia", name="Authelia", color="#113155",
    issuer="https://{host}",
    scopes=("openid", "profile", "email", "groups"),
    offline_scopes=("offline_access",),
    client_auth=basic,
)
