"""Polar -- https://polar.sh/docs/integrate/oauth2/connect"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="polar", name="Polar", console="https://polar.sh/settings",
    issuer="https://polar.sh",
    api_url="https://api.polar.sh/v1/",
    revoke_url="https://api.polar.sh/v1/oauth2/revoke",
)
