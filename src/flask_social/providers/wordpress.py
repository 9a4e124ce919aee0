"""WordPress.com -- https://developer.wordpress.com/docs/oauth2/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="wordpress", name="WordPress.com", color="#21759B",
    console="https://developer.wordpress.com/apps/",
    authorize_url="https://public-api.wordpress.com/oauth2/authorize",
    token_url="https://public-api.wordpress.com/oauth2/token",
    api_url="https://public-api.wordpress.com/rest/v1.1/", profile_call="me",
    scopes=("auth",),
    identity=fields(
        subject="ID", username="username", name="display_name", email="email",
        email_verified="email_verified", profile_url="profile_URL", image_url="avatar_URL",
    ),
    email_trust="flag", refreshes=False,
)
