"""monday.com -- https://developer.monday.com/apps/docs/oauth"""

from ..protocols.calls import graphql
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="monday", name="monday.com", console="https://monday.com/developers/apps",
    authorize_url="https://auth.monday.com/oauth2/authorize",
    token_url="https://auth.monday.com/oauth2/token",
    api_url="https://api.monday.com/",
    scopes=("me:read",),
    profile=graphql("v2", "query { me { id name email photo_original url } }"),
    identity=fields(
        subject="me.id", name="me.name", email="me.email", profile_url="me.url",
        image_url="me.photo_original",
    ),
    email_trust="never", refreshes=False,
)
