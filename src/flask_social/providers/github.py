"""GitHub -- https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps"""

from ..http import Get, Request
from ..protocols.credentials import basic
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import deleting
from ..values import Client, Token


def profile(get: Get, token: Token) -> Profile:
    """Addresses and whether they are verified are a second call away.

    It answers 403 or 404 to a token without the scope ``user:email``.
    """
    return {**get("user"), "emails": get("user/emails", absent=(403, 404))}


def without_grant(request: Request, token: Token, client: Client) -> Request:
    """It has no revocation: the application deletes the grant that the token is of."""
    request = deleting(request, f"/{client.id}/grant", access_token=token.access_token)
    return basic(request, client, request.url)


provider = OAuth2(
    id="github",
    name="GitHub",
    authorize_url="https://github.com/login/oauth/authorize",
    token_url="https://github.com/login/oauth/access_token",
    api_url="https://api.github.com/",
    scopes=("read:user", "user:email"),
    profile=profile,
    revoke_url="applications",
    shape_revoke=without_grant,
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
