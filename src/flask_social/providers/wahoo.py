"""Wahoo -- https://cloud-api.wahooligan.com/#authentication"""

from ..protocols.credentials import bearer
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import deleted_with

provider = OAuth2(
    id="wahoo", name="Wahoo", console="https://developers.wahooligan.com/",
    authorize_url="https://api.wahooligan.com/oauth/authorize",
    token_url="https://api.wahooligan.com/oauth/token",
    api_url="https://api.wahooligan.com/v1/", profile_call="user",
    scopes=("user_read", "email"),
    offline_scopes=("offline_data",),
    revoke_url="https://api.wahooligan.com/v1/permissions",
    shape_revoke=deleted_with(bearer),
    identity=fields(subject="id", name="{first} {last}", email="email"),
    email_trust="never",
)
