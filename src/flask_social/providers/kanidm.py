"""Kanidm -- https://kanidm.github.io/kanidm/stable/integrations/oauth2.html"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="kanidm", name="Kanidm",
    # Every application has an issuer of its own.
    issuer="https://{host}/oauth2/openid/{client_id}",
    algorithms=("ES256",),
    client_auth=basic,
    revoke_url="https://{host}/oauth2/token/revoke",
)
