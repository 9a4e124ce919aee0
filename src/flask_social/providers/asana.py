"""Asana -- https://developers.asana.com/docs/oauth"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="asana", name="Asana", color="#F06A6A", console="https://app.asana.com/0/my-apps",
    authorize_url="https://app.asana.com/-/oauth_authorize",
    token_url="https://app.asana.com/-/oauth_token",
    revoke_url="https://app.asana.com/-/oauth_revoke",
    api_url="https://app.asana.com/api/1.0/",
    scopes=("default",),
    profile_call="users/me?opt_fields=gid,name,email,photo",
    identity=fields(
        subject="data.gid", name="data.name", email="data.email",
        profile_url="https://app.asana.com/0/{data.gid}/list", image_url="data.photo.image_128x128",
    ),
    email_trust="never",
)
