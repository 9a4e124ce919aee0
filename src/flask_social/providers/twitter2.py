"""X -- https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code

This is X, once Twitter, by OAuth 2.0. ``twitter`` is the same by OAuth 1.0a. Whoever has rows of
that one keeps its key: ``SOCIAL_TWITTER = {"provider": "twitter2", ...}``.
"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..vendors.twitter import twitter_client

FIELDS = "id,name,username,profile_image_url,verified,created_at,description,url,confirmed_email"

provider = OAuth2(
    id="twitter2", name="X", color="#000000", console="https://developer.x.com/en/portal/dashboard",
    authorize_url="https://x.com/i/oauth2/authorize",
    token_url="https://api.x.com/2/oauth2/token",
    api_url="https://api.x.com/", profile_call=f"2/users/me?user.fields={FIELDS}",
    # The profile wants the first two; the third and confirmed_email want a switch of the app's.
    scopes=("users.read", "tweet.read", "users.email"),
    offline_scopes=("offline.access",),
    client_auth=basic,
    revoke_url="https://api.x.com/2/oauth2/revoke",
    identity=fields(
        subject="data.id", username="data.username", name="data.name", email="data.confirmed_email",
        profile_url="https://x.com/{data.username}", image_url="data.profile_image_url",
    ),
    email_trust="always",
    api=twitter_client,
)
