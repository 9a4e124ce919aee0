"""Seznam -- https://vyvojari.seznam.cz/oauth/doc"""

from ..http import Request
from ..protocols.credentials import bearer
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import with_token
from ..protocols.shaping import as_json
from ..values import Client, Token


def revocation(request: Request, token: Token, client: Client) -> Request:
    """Revocation is in the person's name, and in JSON like all that is sent there."""
    return bearer(as_json(with_token(request, token, client)), token, client)


provider = OAuth2(
    id="seznam", name="Seznam", color="#CC0000", console="https://vyvojari.seznam.cz/oauth/admin",
    authorize_url="https://login.szn.cz/api/v1/oauth/auth",
    token_url="https://login.szn.cz/api/v1/oauth/token",
    api_url="https://login.szn.cz/api/v1/", profile_call="user",
    scopes=("identity", "avatar"), scope_separator=",",
    shape_token_request=as_json,
    revoke_url="https://login.szn.cz/api/v1/oauth/revoke", shape_revoke=revocation,
    identity=fields(
        subject="oauth_user_id", username="username", name="{firstname} {lastname}", email="email",
        image_url="avatar_url",
    ),
    # The address is that of the mailbox, which is the account.
    email_trust="always",
)
