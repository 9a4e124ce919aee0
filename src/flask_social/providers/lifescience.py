"""Life Science Login -- https://lifescience-ri.eu/ls-login/documentation/service-provider-documentation/service-provider-documentation.html"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="lifescience", name="Life Science Login",
    console="https://services.aai.lifescience-ri.eu/spreg/",
    issuer="https://login.aai.lifescience-ri.eu/oidc/",
    offline_scopes=("offline_access",),
    client_auth=basic,
    email_trust="never",
)
