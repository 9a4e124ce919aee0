"""Snapchat -- https://developers.snap.com/snap-kit/login-kit/overview"""

from ..protocols.calls import graphql
from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="snapchat", name="Snapchat", color="#FFFC00", console="https://developers.snap.com/",
    authorize_url="https://accounts.snapchat.com/accounts/oauth2/auth",
    token_url="https://accounts.snapchat.com/accounts/oauth2/token",
    api_url="https://kit.snapchat.com/v1/",
    scopes=(
        "https://auth.snapchat.com/oauth2/api/user.external_id",
        "https://auth.snapchat.com/oauth2/api/user.display_name",
        "https://auth.snapchat.com/oauth2/api/user.bitmoji.avatar",
    ),
    client_auth=basic,
    profile=graphql("me", "{me{externalId displayName bitmoji{avatar id}}}"),
    revoke_url="https://accounts.snapchat.com/accounts/oauth2/revoke",
    identity=fields(subject="me.externalId", name="me.displayName", image_url="me.bitmoji.avatar"),
    email_trust="none",
)
