"""Twitch -- https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as

provider = OAuth2(
    id="twitch", name="Twitch", color="#9146FF", console="https://dev.twitch.tv/console/apps",
    authorize_url="https://id.twitch.tv/oauth2/authorize",
    token_url="https://id.twitch.tv/oauth2/token",
    api_url="https://api.twitch.tv/helix/", profile_call="users",
    scopes=("user:read:email",),
    headers={"Client-Id": "{client_id}"},
    revoke_url="https://id.twitch.tv/oauth2/revoke",
    shape_revoke=access_token_as("token", client_id="{client_id}"),
    identity=fields(
        subject="data[0].id", username="data[0].login", name="data[0].display_name",
        email="data[0].email", profile_url="https://www.twitch.tv/{data[0].login}",
        image_url="data[0].profile_image_url",
    ),
    # It documents the address as verified, and no flag comes with it.
    email_trust="never",
)
