"""Oura -- https://cloud.ouraring.com/docs/authentication"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="oura", name="Oura", console="https://cloud.ouraring.com/oauth/applications",
    authorize_url="https://cloud.ouraring.com/oauth/authorize",
    token_url="https://api.ouraring.com/oauth/token",
    api_url="https://api.ouraring.com/v2/", profile_call="usercollection/personal_info",
    scopes=("personal", "email"),
    revoke_url="https://api.ouraring.com/oauth/revoke",
    shape_revoke=in_query("access_token"),
    identity=fields(subject="id", email="email"),
    email_trust="never",
)
