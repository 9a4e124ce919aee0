"""Todoist -- https://developer.todoist.com/guides/#authorization"""

from dataclasses import replace

from ..http import Request
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..values import Client, Token


def deleting_token(request: Request, token: Token, client: Client) -> Request:
    """A token is deleted, and the query says which and whose."""
    names = {"client_id": "{client_id}", "client_secret": "{client_secret}"}
    request = replace(request, method="DELETE")
    return request.with_query(**client.filled(names), access_token=token.access_token)


provider = OAuth2(
    id="todoist", name="Todoist", color="#E44332",
    console="https://developer.todoist.com/appconsole.html",
    authorize_url="https://todoist.com/oauth/authorize",
    token_url="https://todoist.com/oauth/access_token",
    api_url="https://api.todoist.com/api/v1/", profile_call="user",
    scopes=("data:read",), scope_separator=",",
    revoke_url="https://api.todoist.com/api/v1/access_tokens",
    shape_revoke=deleting_token,
    identity=fields(subject="id", name="full_name", email="email", image_url="avatar_big"),
    email_trust="never", refreshes=False,
)
