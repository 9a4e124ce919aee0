"""Upwork -- https://www.upwork.com/developer/documentation/graphql/api/docs/index.html"""

from ..protocols.calls import graphql
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="upwork", name="Upwork", color="#6FDA44",
    console="https://www.upwork.com/developer/keys/apply",
    authorize_url="https://www.upwork.com/ab/account-security/oauth2/authorize",
    token_url="https://www.upwork.com/api/v3/oauth2/token",
    api_url="https://api.upwork.com/",
    profile=graphql("graphql", "query { user { id nid rid name email photoUrl publicUrl } }"),
    identity=fields(
        subject="user.id", username="user.nid", name="user.name", email="user.email",
        profile_url="user.publicUrl", image_url="user.photoUrl",
    ),
    email_trust="never",
)
