"""Azure AD B2C -- https://learn.microsoft.com/en-us/azure/active-directory-b2c/openid-connect"""

from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="azure_b2c", name="Azure AD B2C", color="#0078D4",
    console="https://portal.azure.com/",
    # Its successor, External ID, is another issuer, https://TENANT.ciamlogin.com/TENANT_ID/v2.0,
    # and the discovery_url that is below it.
    issuer="https://{tenant}.b2clogin.com/{tenant_id}/v2.0/",
    discovery_url=(
        "https://{tenant}.b2clogin.com/{tenant}.onmicrosoft.com/{policy}/v2.0/"
        ".well-known/openid-configuration"
    ),
    scopes=("openid", "profile"),
    offline_scopes=("offline_access",),
    userinfo=False,
    identity=claims(email=("emails[0]", "email")),
    email_trust="never",
)
