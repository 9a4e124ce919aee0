"""EVE Online -- https://developers.eveonline.com/docs/services/sso/"""

from ..protocols.credentials import basic
from ..protocols.identity import Profile, fields
from ..protocols.self_contained import SelfContained


def portrait(profile: Profile) -> str:
    """The character's number is the last part of ``CHARACTER:EVE:273042051``."""
    number = profile["sub"].rpartition(":")[2]
    return f"https://images.evetech.net/characters/{number}/portrait?size=128"


provider = SelfContained(
    id="eveonline", name="EVE Online", console="https://developers.eveonline.com/applications",
    issuer="https://login.eveonline.com",
    issuer_aliases=("login.eveonline.com",),
    trusted_audiences=("EVE Online",),
    authorize_url="https://login.eveonline.com/v2/oauth/authorize",
    token_url="https://login.eveonline.com/v2/oauth/token",
    jwks_url="https://login.eveonline.com/oauth/jwks",
    revoke_url="https://login.eveonline.com/v2/oauth/revoke",
    api_url="https://esi.evetech.net/",
    scopes=("publicData",),
    client_auth=basic,
    # Characters change hands: the owner's hash is another then, and so is the account.
    identity=fields(subject="owner", username="name", name="name", image_url=portrait),
    email_trust="none",
)
