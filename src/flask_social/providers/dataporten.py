"""Feide -- https://docs.feide.no/service_providers/openid_connect/"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="dataporten", name="Feide", console="https://kunde.feide.no/",
    issuer="https://auth.dataporten.no",
    api_url="https://groups-api.dataporten.no/",
    scopes=("openid", "profile", "email", "userid-feide"),
    client_auth=basic,
    refreshes=False,
)
