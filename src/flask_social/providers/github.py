"""GitHub -- https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps"""

from ..http import Get
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """Addresses and whether they are verified are a second call away.

    It answers 403 or 404 to a token without the scope ``user:email``.
    """
    return {**get("user"), "emails": get("user/emails", absent=(403, 404))}


provider = OAuth2(
    id="github",
    name="GitHub",
    authorize_url="https://github.com/login/oauth/authorize",
    token_url="https://github.com/login/oauth/access_token",
    api_url="https://api.github.com/",
    scopes=("read:user", "user:email"),
    profile=profile,
    identity=fields(
        subject="id",
        username="login",
        name=("name", "login"),
        # The public address of the profile carries no flag: it is not even looked at.
        email="emails[primary=true].email",
        email_verified="emails[primary=true].verified",
        profile_url="html_url",
        image_url="avatar_url",
    ),
)
