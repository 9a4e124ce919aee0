"""Square -- https://developer.squareup.com/docs/oauth-api/overview"""

from ..http import Request
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import as_json
from ..values import Client, Token


def as_client(request: Request, token: Token, client: Client) -> Request:
    """The application itself takes a token back, under a scheme that only it has."""
    request = as_json(request.with_form(client_id=client.id, access_token=token.access_token))
    return request.with_headers(Authorization=f"Client {client.secret}")


provider = OAuth2(
    id="squareup", name="Square", color="#3E4348", console="https://developer.squareup.com/apps",
    authorize_url="https://connect.squareup.com/oauth2/authorize",
    token_url="https://connect.squareup.com/oauth2/token",
    api_url="https://connect.squareup.com/v2/", profile_call="merchants/me",
    scopes=("MERCHANT_PROFILE_READ",),
    authorize_params={"session": "false"},
    shape_token_request=as_json,
    revoke_url="https://connect.squareup.com/oauth2/revoke", shape_revoke=as_client,
    identity=fields(subject="merchant.id", name="merchant.business_name"),
    email_trust="none",
)
