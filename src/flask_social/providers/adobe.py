"""Adobe -- https://developer.adobe.com/developer-console/docs/guides/authentication/UserAuthentication/"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="adobe", name="Adobe", color="#FF0000", console="https://developer.adobe.com/console",
    issuer="https://ims-na1.adobelogin.com",
    discovery_url="https://ims-na1.adobelogin.com/ims/.well-known/openid-configuration",
    scopes=("openid", "AdobeID", "profile", "email"), scope_separator=",",
    offline_scopes=("offline_access",),
    revoke_url="https://ims-na1.adobelogin.com/ims/revoke",
)
