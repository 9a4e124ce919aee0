"""Battle.net -- https://develop.battle.net/documentation/guides/using-oauth"""

from ..protocols.credentials import basic
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="battlenet", name="Battle.net", color="#4381C3",
    console="https://develop.battle.net/access/clients",
    # China: oauth.battlenet.com.cn, where ids are its own. The API has regions: eu, us, kr, tw.
    places={"host": "oauth.battle.net", "region": "us"},
    issuer="https://{host}",
    api_url="https://{region}.api.blizzard.com/",
    scopes=("openid",),
    client_auth=basic,
    identity=claims(
        subject=("id", "sub"), username=("battletag", "battle_tag"),
        name=("battletag", "battle_tag"),
    ),
    email_trust="none", refreshes=False,
)
