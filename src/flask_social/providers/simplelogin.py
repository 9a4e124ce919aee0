"""SimpleLogin -- https://simplelogin.io/docs/siwsl/intro/

The address may be an alias, which it forwards to the person's own.
"""

from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="simplelogin", name="SimpleLogin", color="#EA319F",
    console="https://app.simplelogin.io/developer",
    issuer="https://app.simplelogin.io",
    api_url="https://app.simplelogin.io/api/",
    identity=claims(image_url="avatar_url"),
    # Its auth_time is always now, whenever the person signed in.
    reauthenticates=False,
    refreshes=False,
)
