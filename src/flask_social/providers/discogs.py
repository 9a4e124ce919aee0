"""Discogs -- https://www.discogs.com/developers/#page:authentication"""

from ..protocols.identity import fields
from ..protocols.oauth1 import OAuth1

provider = OAuth1(
    id="discogs", name="Discogs", color="#333333",
    console="https://www.discogs.com/settings/developers",
    request_token_url="https://api.discogs.com/oauth/request_token",
    authorize_url="https://www.discogs.com/oauth/authorize",
    token_url="https://api.discogs.com/oauth/access_token",
    api_url="https://api.discogs.com/", profile_call="oauth/identity",
    identity=fields(
        subject="id", username="username", name="username",
        profile_url="https://www.discogs.com/user/{username}",
    ),
    email_trust="none",
)
