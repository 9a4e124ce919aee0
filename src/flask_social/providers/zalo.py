"""Zalo -- https://developers.zalo.me/docs/social-api/tham-khao/user-access-token-v4"""

from dataclasses import replace

from ..http import Request
from ..protocols.credentials import in_header, public
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..values import Client, Secret


def with_secret(request: Request, client: Client, audience: str) -> Request:
    """The secret goes into a header whose name is written with an underscore."""
    headers = {**request.headers, "secret_key": Secret(client.secret or "")}
    return public(replace(request, headers=headers), client, audience)


provider = OAuth2(
    id="zalo", name="Zalo", color="#0068FF", console="https://developers.zalo.me/",
    authorize_url="https://oauth.zaloapp.com/v4/permission",
    token_url="https://oauth.zaloapp.com/v4/access_token",
    api_url="https://graph.zalo.me/v2.0/", profile_call="me?fields=id,name,picture",
    renames={"client_id": "app_id"},
    client_auth=with_secret, assume_bearer=True,
    token_use=in_header("access_token"),
    identity=fields(subject="id", name="name", image_url="picture.data.url"),
    email_trust="none",
)
