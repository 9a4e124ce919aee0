"""Tailscale -- https://github.com/tailscale/tsidp

Its server, tsidp, answers inside the tailnet alone: this application has to be there as well.
"""

from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="tailscale", name="Tailscale", color="#242424",
    issuer="https://idp.{tailnet}.ts.net",
    identity=claims(username=("preferred_username", "username")),
    email_trust="never", refreshes=False,
)
