"""Discord -- https://discord.com/developers/docs/topics/oauth2"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="discord", name="Discord", color="#5865F2",
    console="https://discord.com/developers/applications",
    authorize_url="https://discord.com/oauth2/authorize",
    token_url="https://discord.com/api/oauth2/token",
    revoke_url="https://discord.com/api/oauth2/token/revoke",
    api_url="https://discord.com/api/v10/", profile_call="users/@me",
    scopes=("identify", "email"),
    identity=fields(
        subject="id", username="username", name=("global_name", "username"), email="email",
        email_verified="verified", profile_url="https://discord.com/users/{id}",
        image_url="https://cdn.discordapp.com/avatars/{id}/{avatar}.png",
    ),
    email_trust="flag",
)
