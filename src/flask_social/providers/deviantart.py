"""DeviantArt -- https://www.deviantart.com/developers/authentication"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import with_token

provider = OAuth2(
    id="deviantart", name="DeviantArt", color="#05CC47",
    console="https://www.deviantart.com/developers/apps",
    authorize_url="https://www.deviantart.com/oauth2/authorize",
    token_url="https://www.deviantart.com/oauth2/token",
    api_url="https://www.deviantart.com/api/v1/oauth2/", profile_call="user/whoami",
    scopes=("user",),
    headers={"Accept-Encoding": "gzip"},
    revoke_url="https://www.deviantart.com/oauth2/revoke",
    # It asks for nothing but the token.
    shape_revoke=with_token,
    identity=fields(
        subject="userid", username="username", name="username",
        profile_url="https://www.deviantart.com/{username}", image_url="usericon",
    ),
    email_trust="none",
)
