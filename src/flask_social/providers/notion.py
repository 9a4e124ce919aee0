"""Notion -- https://developers.notion.com/docs/authorization"""

from ..http import Request
from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import as_json
from ..values import Client, Token


def as_json_too(request: Request, token: Token, client: Client) -> Request:
    """Revocation takes JSON as well, like all that it is sent."""
    return as_json(basic(request.with_form(token=token.access_token), client, request.url))


provider = OAuth2(
    id="notion", name="Notion", color="#000000",
    console="https://www.notion.so/profile/integrations",
    authorize_url="https://api.notion.com/v1/oauth/authorize",
    token_url="https://api.notion.com/v1/oauth/token",
    revoke_url="https://api.notion.com/v1/oauth/revoke", shape_revoke=as_json_too,
    api_url="https://api.notion.com/v1/",
    headers={"Notion-Version": "2022-06-28"},
    authorize_params={"owner": "user"},
    client_auth=basic,
    shape_token_request=as_json,
    # The token is a bot's in one workspace; the person is its owner.
    profile_call="users/me",
    identity=fields(
        subject="bot.owner.user.id", name="bot.owner.user.name",
        email="bot.owner.user.person.email", image_url="bot.owner.user.avatar_url",
    ),
    email_trust="never", refreshes=None,
)
