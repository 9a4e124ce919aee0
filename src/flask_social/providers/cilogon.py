"""CILogon -- https://www.cilogon.org/oidc"""

from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="cilogon", name="CILogon", console="https://cilogon.org/oauth2/register",
    issuer="https://cilogon.org",
    scopes=("openid", "profile", "email", "org.cilogon.userinfo"),
    identity=claims(username="eppn"),
    email_trust="never", refreshes=None,
)
