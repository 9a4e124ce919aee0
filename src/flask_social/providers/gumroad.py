"""Gumroad -- https://gumroad.com/api"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="gumroad", name="Gumroad", color="#FF90E8",
    console="https://app.gumroad.com/settings/advanced",
    authorize_url="https://gumroad.com/oauth/authorize",
    token_url="https://api.gumroad.com/oauth/token",
    api_url="https://api.gumroad.com/v2/", profile_call="user",
    scopes=("view_profile",),
    identity=fields(
        subject="user.user_id",
        name="user.name",
        email="user.email",
        profile_url="user.url",
        # So it calls the picture.
        image_url="user.profile_url",
    ),
    email_trust="never",
)
