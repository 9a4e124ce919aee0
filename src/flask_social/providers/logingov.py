"""Login.gov -- https://developers.login.gov/oidc/getting-started/"""

from ..protocols.credentials import signed_for_endpoint
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="logingov", name="Login.gov", console="https://portal.int.identitysandbox.gov/",
    # For trying it out: idp.int.identitysandbox.gov.
    places={"host": "secure.login.gov"},
    issuer="https://{host}/",
    scopes=("openid", "email"),
    authorize_params={"acr_values": "urn:acr.login.gov:auth-only", "prompt": "select_account"},
    client_auth=signed_for_endpoint,
    # Names come only where an identity is proofed, by other acr_values and scopes.
    identity=claims(name=("name", "{given_name} {family_name}")),
    refreshes=False,
)
