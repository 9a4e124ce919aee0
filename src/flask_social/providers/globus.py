"""Globus -- https://docs.globus.org/api/auth/reference/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="globus", name="Globus", console="https://app.globus.org/settings/developers",
    issuer="https://auth.globus.org",
    api_url="https://auth.globus.org/v2/api/",
    algorithms=("RS512",),
    # Which of the two it goes by, the age of the application's registration decides.
    offline_scopes=("offline_access",),
    offline_params={"access_type": "offline"},
    client_auth=basic,
    revoke_url="https://auth.globus.org/v2/oauth2/token/revoke",
    email_trust="never",
)
