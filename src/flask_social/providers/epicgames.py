"""Epic Games -- https://dev.epicgames.com/docs/web-api-ref/authentication"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="epicgames", name="Epic Games", color="#313131", console="https://dev.epicgames.com/portal/",
    authorize_url="https://www.epicgames.com/id/authorize",
    token_url="https://api.epicgames.dev/epic/oauth/v2/token",
    api_url="https://api.epicgames.dev/", profile_call="epic/oauth/v2/userInfo",
    scopes=("basic_profile",),
    client_auth=basic,
    revoke_url="https://api.epicgames.dev/epic/oauth/v2/revoke",
    identity=fields(subject="sub", username="preferred_username", name="preferred_username"),
    email_trust="none",
)
