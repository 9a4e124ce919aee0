"""Dropbox -- https://developers.dropbox.com/oauth-guide"""

from ..protocols.calls import posted
from ..protocols.credentials import basic, bearer
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="dropbox", name="Dropbox", color="#0061FF",
    console="https://www.dropbox.com/developers/apps",
    authorize_url="https://www.dropbox.com/oauth2/authorize",
    token_url="https://api.dropboxapi.com/oauth2/token",
    api_url="https://api.dropboxapi.com/2/",
    scopes=("account_info.read",),
    offline_params={"token_access_type": "offline"},
    client_auth=basic,
    profile=posted("users/get_current_account"),
    revoke_url="https://api.dropboxapi.com/2/auth/token/revoke", shape_revoke=bearer,
    identity=fields(
        subject="account_id", name="name.display_name", email="email",
        email_verified="email_verified", image_url="profile_photo_url",
    ),
    email_trust="flag",
)
