"""Unsplash -- https://unsplash.com/documentation/user-authentication-workflow"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="unsplash", name="Unsplash", color="#000000",
    console="https://unsplash.com/oauth/applications",
    authorize_url="https://unsplash.com/oauth/authorize",
    token_url="https://unsplash.com/oauth/token",
    api_url="https://api.unsplash.com/", profile_call="me",
    # The plus signs that it wants between scopes are spaces as an address writes them.
    scopes=("public", "read_user"),
    identity=fields(
        subject="id", username="username", name="name", email="email", profile_url="links.html",
        image_url="profile_image.medium",
    ),
    email_trust="never", refreshes=False,
)
