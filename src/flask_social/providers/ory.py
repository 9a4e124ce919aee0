"""Ory -- https://www.ory.com/docs/oauth2-oidc/authorization-code-flow

What it claims is what the consent page of the project says. A Hydra of one's own is another
provider of OpenID Connect: its configuration is its ``issuer``.
"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC

provider = OIDC(
    id="ory", name="Ory", color="#4F46E5", console="https://console.ory.sh/",
    issuer="https://{slug}.projects.oryapis.com",
    offline_scopes=("offline_access",),
    client_auth=basic,
)
