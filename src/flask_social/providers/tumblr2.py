"""Tumblr -- https://www.tumblr.com/docs/en/api/v2#oauth2-authorization

This is Tumblr by OAuth 2.0. The provider ``tumblr`` is the same by OAuth 1.0a.
"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="tumblr2", name="Tumblr", color="#36465D", console="https://www.tumblr.com/oauth/apps",
    authorize_url="https://www.tumblr.com/oauth2/authorize",
    token_url="https://api.tumblr.com/v2/oauth2/token",
    api_url="https://api.tumblr.com/v2/", profile_call="user/info",
    scopes=("basic",),
    offline_scopes=("offline_access",),
    client_auth=basic,
    identity=fields(
        # A name may be given up and be another's then; a blog keeps its id.
        subject="response.user.blogs[primary=true].uuid",
        username="response.user.name",
        name=("response.user.blogs[primary=true].title", "response.user.name"),
        profile_url="response.user.blogs[primary=true].url",
        image_url="https://api.tumblr.com/v2/blog/{response.user.name}/avatar/512",
    ),
    email_trust="none",
)
