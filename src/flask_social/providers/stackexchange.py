"""Stack Exchange -- https://api.stackexchange.com/docs/authentication"""

from dataclasses import replace
from urllib.parse import quote

from ..http import Request
from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import called
from ..values import Client, Token


def invalidating(request: Request, token: Token, client: Client) -> Request:
    """A token is taken back by a GET of an address that it is part of."""
    return replace(
        request, method="GET", url=f"{request.url}/{quote(token.access_token, safe='')}/invalidate"
    )


provider = OAuth2(
    id="stackexchange", name="Stack Exchange", color="#1E5397",
    console="https://stackapps.com/apps/oauth",
    authorize_url="https://stackoverflow.com/oauth",
    token_url="https://stackoverflow.com/oauth/access_token/json",
    api_url="https://api.stackexchange.com/2.3/", profile_call="me?site=stackoverflow",
    # The key for its API is none of the two that everybody has.
    credentials=("request_key",),
    # It compresses whatever it answers.
    headers={"Accept-Encoding": "gzip"},
    offline_scopes=("no_expiry",),
    scope_separator=",",
    token_use=in_query("access_token", key="{request_key}"),
    assume_bearer=True,
    shape_token=called(expires_in="expires"),
    revoke_url="https://api.stackexchange.com/2.3/access-tokens",
    shape_revoke=invalidating,
    identity=fields(
        subject="items[0].account_id", username="items[0].display_name",
        name="items[0].display_name", profile_url="items[0].link",
        image_url="items[0].profile_image",
    ),
    email_trust="none", refreshes=False,
)
