"""Shikimori -- https://shikimori.one/oauth"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="shikimori", name="Shikimori", color="#343434",
    console="https://shikimori.one/oauth/applications",
    authorize_url="https://shikimori.one/oauth/authorize",
    token_url="https://shikimori.one/oauth/token",
    api_url="https://shikimori.one/api/", profile_call="users/whoami",
    identity=fields(
        subject="id", username="nickname", name="nickname", profile_url="url", image_url="avatar",
    ),
    email_trust="none",
)
