"""itsme -- https://belgianmobileid.github.io/doc/authentication/"""

from ..protocols.credentials import signed_for_endpoint
from ..protocols.encrypted import KEY, Encrypted

provider = Encrypted(
    id="itsme", name="itsme", color="#FF4612", console="https://brand.belgianmobileid.be/",
    issuer="https://idp.prd.itsme.services/v2",
    # Of what an application may ask, the service that it ordered decides.
    credentials=("service_code", KEY),
    scopes=("openid", "service:{service_code}", "profile", "email"),
    client_auth=signed_for_endpoint,
    refreshes=False,
)
