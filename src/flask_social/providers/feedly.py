"""Feedly -- https://developers.feedly.com/reference/authorization"""

from ..protocols.credentials import scheme
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="feedly", name="Feedly", color="#2BB24C",
    authorize_url="https://cloud.feedly.com/v3/auth/auth",
    token_url="https://cloud.feedly.com/v3/auth/token",
    api_url="https://cloud.feedly.com/v3/", profile_call="profile",
    scopes=("https://cloud.feedly.com/subscriptions",),
    token_use=scheme("OAuth"),
    identity=fields(
        subject="id", name="{givenName} {familyName}", email="email", image_url="picture",
    ),
    email_trust="never",
)
