"""Descope -- https://docs.descope.com/customize/auth/oidc/

The client id is the project's.
"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="descope", name="Descope", console="https://app.descope.com/",
    issuer="https://api.descope.com/{client_id}",
    api_url="https://api.descope.com/v1/",
)
