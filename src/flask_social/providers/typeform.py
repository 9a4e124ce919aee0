"""Typeform -- https://www.typeform.com/developers/get-started/applications/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="typeform", name="Typeform", color="#262627", console="https://admin.typeform.com/",
    authorize_url="https://api.typeform.com/oauth/authorize",
    token_url="https://api.typeform.com/oauth/token",
    api_url="https://api.typeform.com/", profile_call="me",
    scopes=("accounts:read",),
    offline_scopes=("offline",),
    identity=fields(subject="user_id", username="alias", name="alias", email="email"),
    email_trust="never",
)
