"""Dribbble -- https://developer.dribbble.com/v2/oauth/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="dribbble", name="Dribbble", color="#EA4C89",
    console="https://dribbble.com/account/applications",
    authorize_url="https://dribbble.com/oauth/authorize",
    token_url="https://dribbble.com/oauth/token",
    api_url="https://api.dribbble.com/v2/", profile_call="user",
    scopes=("public",),
    identity=fields(
        subject="id",
        username="login",
        name="name",
        # Rarely there: its API in version 2 tells null.
        email="email",
        profile_url="html_url",
        image_url="avatar_url",
    ),
    email_trust="never", refreshes=False,
)
