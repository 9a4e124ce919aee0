"""Twitter -- https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens

This is Twitter by OAuth 1.0a; ``twitter2`` is the same by OAuth 2.0. It tells an address only if
that was asked for when the application was registered.
"""

from ..http import Get
from ..protocols.identity import Profile, fields
from ..protocols.oauth1 import OAuth1
from ..values import Token
from ..vendors.twitter import twitter_client


def profile(get: Get, token: Token) -> Profile:
    """What the token answer tells has to do where the application's plan lacks the call."""
    call = "1.1/account/verify_credentials.json?include_email=true&skip_status=true"
    if (found := get(call, absent=(403, 404))) is not None:
        return found
    return {"id_str": token.raw["user_id"], "screen_name": token.raw["screen_name"]}


provider = OAuth1(
    id="twitter", name="Twitter", color="#000000",
    console="https://developer.x.com/en/portal/dashboard",
    request_token_url="https://api.x.com/oauth/request_token",
    authorize_url="https://api.x.com/oauth/authenticate",
    token_url="https://api.x.com/oauth/access_token",
    # Both its versions, 1.1/ and 2/, are below.
    api_url="https://api.x.com/",
    profile=profile,
    # Signed with the token that it is about, which it need not name.
    revoke_url="1.1/oauth/invalidate_token",
    identity=fields(
        subject="id_str",
        # With the sign that people know it by, as this library has always stored it.
        username="@{screen_name}",
        name="name",
        email="email",
        profile_url="https://x.com/{screen_name}",
        image_url="profile_image_url_https",
    ),
    # It tells an address only once the person has confirmed it, and null before.
    email_trust="always",
    api=twitter_client,
)
