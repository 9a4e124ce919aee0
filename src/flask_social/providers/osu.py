"""osu! -- https://osu.ppy.sh/docs/index.html#authentication"""

from ..protocols.credentials import bearer
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import deleted_with

provider = OAuth2(
    id="osu", name="osu!", color="#FF66AA", console="https://osu.ppy.sh/home/account/edit#oauth",
    authorize_url="https://osu.ppy.sh/oauth/authorize",
    token_url="https://osu.ppy.sh/oauth/token",
    revoke_url="oauth/tokens/current", shape_revoke=deleted_with(bearer),
    api_url="https://osu.ppy.sh/api/v2/", profile_call="me",
    scopes=("identify",),
    identity=fields(
        subject="id", username="username", name="username",
        profile_url="https://osu.ppy.sh/users/{id}", image_url="avatar_url",
    ),
    email_trust="none",
)
