"""LinkedIn -- https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="linkedin", name="LinkedIn", color="#0A66C2",
    console="https://www.linkedin.com/developers/apps",
    issuer="https://www.linkedin.com/oauth",
    api_url="https://api.linkedin.com/v2/",
    revoke_url="https://www.linkedin.com/oauth/v2/revoke",
    # Its ID tokens do not give the nonce back; PKCE and state hold the trip together.
    nonce=False,
    # Nor do they tell auth_time, so that nothing proves that the person is there now.
    reauthenticates=False,
    refreshes=None,
)
