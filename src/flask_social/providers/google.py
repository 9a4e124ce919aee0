"""Google -- https://developers.google.com/identity/openid-connect/openid-connect

The people of one Workspace alone: ``"required_claims": ["hd=acme.example"]``. A parameter ``hd``
only proposes it, and anybody can change it.
"""

from ..protocols.oidc import OIDC
from ..protocols.revoking import with_token

provider = OIDC(
    id="google", name="Google", color="#4285F4",
    console="https://console.cloud.google.com/apis/credentials",
    issuer="https://accounts.google.com",
    issuer_aliases=("accounts.google.com",),
    api_url="https://www.googleapis.com/",
    # Its metadata say where a token is revoked; by whom, it does not ask.
    shape_revoke=with_token,
    # A refresh token comes with the first consent only, hence the prompt.
    offline_params={"access_type": "offline", "prompt": "consent"},
    # Its ID tokens tell no auth_time, so that nothing proves that the person is there now.
    reauthenticates=False,
)
