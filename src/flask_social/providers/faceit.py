"""FACEIT -- https://docs.faceit.com/getting-started/authentication/oauth2/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="faceit", name="FACEIT", color="#FF5500", console="https://developers.faceit.com/",
    issuer="https://api.faceit.com/auth",
    discovery_url="https://api.faceit.com/auth/v1/openid_configuration",
    api_url="https://open.faceit.com/data/v4/",
    authorize_params={"redirect_popup": "true"},
    client_auth=basic,
    identity=claims(subject="guid", username="nickname", name="nickname"),
)
