"""netID -- https://developerzone.netid.dev/"""

import json

from ..protocols.identity import claims
from ..protocols.oidc import OIDC

WANTED = ("given_name", "family_name", "email", "email_verified")

provider = OIDC(
    id="netid", name="netID", console="https://developer.netid.de/",
    issuer="https://broker.netid.de/",
    # It knows no scope but this: what is wanted, each claim by its name, it is told another way.
    scopes=("openid",),
    authorize_params={"claims": json.dumps({"userinfo": dict.fromkeys(WANTED)})},
    identity=claims(name=("name", "{given_name} {family_name}")),
    refreshes=False,
)
