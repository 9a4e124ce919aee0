"""Gitea -- https://docs.gitea.com/development/oauth2-provider"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="gitea", name="Gitea", color="#609926", console="https://{host}/user/settings/applications",
    issuer="https://{host}",
    authorize_url="https://{host}/login/oauth/authorize",
    token_url="https://{host}/login/oauth/access_token",
    api_url="https://{host}/api/v1/", profile_call="user",
    scopes=("read:user",),
    identity=fields(
        subject="id", username="login", name=("full_name", "login"), email="email",
        profile_url="html_url", image_url="avatar_url",
    ),
    email_trust="never",
)
