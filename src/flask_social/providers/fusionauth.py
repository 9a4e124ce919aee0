"""FusionAuth -- https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="fusionauth", name="FusionAuth", color="#F58320",
    console="https://{host}/admin/application/",
    # Each tenant says in its settings what it is called.
    issuer="{issuer}",
    discovery_url="https://{host}/.well-known/openid-configuration",
    api_url="https://{host}/api/",
    offline_scopes=("offline_access",),
    client_auth=basic,
)
