"""Google -- https://developers.google.com/identity/openid-connect/openid-connect"""

from ..protocols.oidc import OIDC
from ..protocols.revoking import with_token

provider = OIDC(
    id="google",
    name="Google",
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
