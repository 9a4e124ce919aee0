"""Microsoft -- https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc

People of any tenant are let in, and those of none. One tenant alone is its id, not a domain, as
``tenant``; several are their ids, as ``tenants``. Each is an issuer of its own.
"""

from ..http import Get
from ..protocols.calls import FORBIDDEN
from ..protocols.identity import Profile, fields
from ..protocols.tenants import MultiTenant
from ..values import Token

ASKED = "id,displayName,givenName,surname,mail,userPrincipalName,mailNickname,preferredLanguage"


def profile(get: Get, token: Token) -> Profile:
    """The ID token of a work account has no address; Graph has, for tokens with ``User.Read``."""
    return get(f"me?$select={ASKED},jobTitle", absent=FORBIDDEN) or {}


provider = MultiTenant(
    id="microsoft", name="Microsoft", color="#5E5E5E",
    console="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    # Other clouds are other hosts (login.microsoftonline.us), and have a Graph each.
    places={"host": "login.microsoftonline.com", "tenant": "common"},
    issuer="https://{host}/{tenant}/v2.0",
    api_url="https://graph.microsoft.com/v1.0/",
    scopes=("openid", "profile", "email", "User.Read"),
    offline_scopes=("offline_access",),
    authorize_params={"response_mode": "query"},
    profile=profile,
    identity=fields(
        subject="oid", username="preferred_username", name="name", email=("email", "mail"),
        # Whether the tenant proved that the domain is its own: of the claim alone it says so.
        email_verified=("xms_edov",),
    ),
)
