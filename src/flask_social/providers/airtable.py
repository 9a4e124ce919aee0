"""Airtable -- https://airtable.com/developers/web/api/oauth-reference"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="airtable", name="Airtable", color="#18BFFF", console="https://airtable.com/create/oauth",
    authorize_url="https://airtable.com/oauth2/v1/authorize",
    token_url="https://airtable.com/oauth2/v1/token",
    api_url="https://api.airtable.com/v0/", profile_call="meta/whoami",
    scopes=("user.email:read",),
    client_auth=basic,
    identity=fields(subject="id", email="email"),
    email_trust="never",
)
