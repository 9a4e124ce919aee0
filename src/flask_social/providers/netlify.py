"""Netlify -- https://docs.netlify.com/api/get-started/#authentication"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="netlify", name="Netlify", color="#00C7B7",
    console="https://app.netlify.com/user/applications",
    authorize_url="https://app.netlify.com/authorize",
    token_url="https://api.netlify.com/oauth/token",
    api_url="https://api.netlify.com/api/v1/", profile_call="user",
    identity=fields(
        subject="id", username="slug", name="full_name", email="email", image_url="avatar_url",
    ),
    email_trust="never", refreshes=False,
)
