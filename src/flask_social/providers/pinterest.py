"""Pinterest -- https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="pinterest", name="Pinterest", color="#BD081C",
    console="https://developers.pinterest.com/apps/",
    authorize_url="https://www.pinterest.com/oauth/",
    token_url="https://api.pinterest.com/v5/oauth/token",
    api_url="https://api.pinterest.com/v5/", profile_call="user_account",
    scopes=("user_accounts:read",), scope_separator=",",
    # Refresh tokens that are given anew each time, where older ones end after a year.
    token_params={"continuous_refresh": "true"},
    client_auth=basic,
    identity=fields(
        subject="id", username="username", name=("business_name", "username"),
        profile_url="https://www.pinterest.com/{username}/", image_url="profile_image",
    ),
    email_trust="none",
)
