"""Trakt -- https://trakt.docs.apiary.io/#reference/authentication-oauth"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="trakt", name="Trakt", color="#9F42C6", console="https://trakt.tv/oauth/applications",
    authorize_url="https://trakt.tv/oauth/authorize",
    token_url="https://api.trakt.tv/oauth/token",
    api_url="https://api.trakt.tv/", profile_call="users/me?extended=full",
    headers={"trakt-api-version": "2", "trakt-api-key": "{client_id}"},
    revoke_url="https://api.trakt.tv/oauth/revoke",
    identity=fields(
        subject="ids.uuid", username="username", name="name",
        profile_url="https://trakt.tv/users/{ids.slug}", image_url="images.avatar.full",
    ),
    email_trust="none",
)
