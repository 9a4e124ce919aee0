"""GitHub -- https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps"""

from ..http import Request
from ..protocols.calls import calls
from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import deleting
from ..values import Client, Token


def without_grant(request: Request, token: Token, client: Client) -> Request:
    """No endpoint of RFC 7009 is there: the application deletes the grant that the token is of."""
    request = deleting(request, f"/{client.id}/grant", access_token=token.access_token)
    return basic(request, client, request.url)


provider = OAuth2(
    id="github", name="GitHub", color="#181717", console="https://github.com/settings/developers",
    authorize_url="https://github.com/login/oauth/authorize",
    token_url="https://github.com/login/oauth/access_token",
    api_url="https://api.github.com/",
    scopes=("read:user", "user:email"),
    # Addresses and whether they are verified are a second call away.
    profile=calls("user", emails="user/emails"),
    revoke_url="applications", shape_revoke=without_grant,
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
    email_trust="flag", refreshes=None,
)
