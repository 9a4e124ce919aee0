"""Tumblr -- https://www.tumblr.com/docs/en/api/v2#oauth1-authorization

This is Tumblr by OAuth 1.0a. ``tumblr2`` is the same by OAuth 2.0.
"""

from ..protocols.identity import fields
from ..protocols.oauth1 import OAuth1

provider = OAuth1(
    id="tumblr", name="Tumblr", color="#36465D",
    console="https://www.tumblr.com/oauth/apps",
    request_token_url="https://www.tumblr.com/oauth/request_token",
    authorize_url="https://www.tumblr.com/oauth/authorize",
    token_url="https://www.tumblr.com/oauth/access_token",
    api_url="https://api.tumblr.com/v2/", profile_call="user/info",
    identity=fields(
        # A name can be given up and taken by somebody else.
        subject="response.user.blogs[primary=true].uuid",
        username="response.user.name",
        name=("response.user.blogs[primary=true].title", "response.user.name"),
        profile_url="response.user.blogs[primary=true].url",
        image_url="https://api.tumblr.com/v2/blog/{response.user.name}/avatar/512",
    ),
    email_trust="none",
)
