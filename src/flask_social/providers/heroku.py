"""Heroku -- https://devcenter.heroku.com/articles/oauth"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="heroku", name="Heroku", color="#430098",
    console="https://dashboard.heroku.com/account/applications",
    authorize_url="https://id.heroku.com/oauth/authorize",
    token_url="https://id.heroku.com/oauth/token",
    api_url="https://api.heroku.com/", profile_call="account",
    scopes=("identity",),
    headers={"Accept": "application/vnd.heroku+json; version=3"},
    identity=fields(subject="id", name=("name", "email"), email="email"),
    email_trust="never",
)
