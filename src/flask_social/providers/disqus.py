"""Disqus -- https://disqus.com/api/docs/auth/"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="disqus", name="Disqus", color="#2E9FFF", console="https://disqus.com/api/applications/",
    authorize_url="https://disqus.com/api/oauth/2.0/authorize/",
    token_url="https://disqus.com/api/oauth/2.0/access_token/",
    api_url="https://disqus.com/api/3.0/", profile_call="users/details.json",
    scopes=("read", "email"), scope_separator=",",
    token_use=in_query("access_token", api_key="{client_id}", api_secret="{client_secret}"),
    identity=fields(
        subject="response.id", username="response.username", name="response.name",
        email="response.email", profile_url="response.profileUrl",
        image_url="response.avatar.permalink",
    ),
    email_trust="never",
)
