"""Railway -- https://docs.railway.com/integrations/oauth"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="railway", name="Railway", color="#0B0D0E", console="https://railway.com/account",
    issuer="https://backboard.railway.com/oauth",
    api_url="https://backboard.railway.com/graphql/",
    offline_scopes=("offline_access",),
    offline_params={"prompt": "consent"},
    client_auth=basic,
    email_trust="never",
)
