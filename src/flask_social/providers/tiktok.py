"""TikTok -- https://developers.tiktok.com/doc/login-kit-web/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as

FIELDS = "open_id,union_id,avatar_url,avatar_large_url,display_name,username,profile_deep_link"

provider = OAuth2(
    id="tiktok", name="TikTok", color="#000000", console="https://developers.tiktok.com/apps/",
    authorize_url="https://www.tiktok.com/v2/auth/authorize/",
    token_url="https://open.tiktokapis.com/v2/oauth/token/",
    api_url="https://open.tiktokapis.com/v2/",
    scopes=("user.info.basic", "user.info.profile"), scope_separator=",",
    renames={"client_id": "client_key"},
    # It knows PKCE of desktop applications only, and takes no challenge but in hexadecimal digits.
    pkce=False,
    assume_bearer=True,
    profile_call=f"user/info/?fields={FIELDS}",
    revoke_url="oauth/revoke/",
    # It is authorised by key and secret, and takes an access token alone.
    shape_revoke=access_token_as(
        "token", client_key="{client_id}", client_secret="{client_secret}",
    ),
    identity=fields(
        subject="data.user.open_id", username="data.user.username", name="data.user.display_name",
        profile_url="data.user.profile_deep_link",
        image_url=("data.user.avatar_large_url", "data.user.avatar_url"),
    ),
    email_trust="none",
)
