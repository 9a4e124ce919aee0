"""Mendeley -- https://dev.mendeley.com/reference/topics/authorization_auth_code.html"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="mendeley", name="Mendeley", color="#9D1620", console="https://dev.mendeley.com/myapps.html",
    authorize_url="https://api.mendeley.com/oauth/authorize",
    token_url="https://api.mendeley.com/oauth/token",
    api_url="https://api.mendeley.com/", profile_call="profiles/me/",
    scopes=("all",),
    headers={"Accept": "application/vnd.mendeley-profiles.1+json"},
    client_auth=basic,
    identity=fields(
        subject="id", name=("{first_name} {last_name}", "display_name"), email="email",
        profile_url="link", image_url="photo.standard",
    ),
    email_trust="never",
)
