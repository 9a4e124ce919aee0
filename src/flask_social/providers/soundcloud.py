"""SoundCloud -- https://developers.soundcloud.com/docs/api/guide#authentication"""

from ..http import Request
from ..protocols.credentials import scheme
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as
from ..protocols.shaping import as_json
from ..values import Client, Token


def sign_out(request: Request, token: Token, client: Client) -> Request:
    """What ends an access token takes JSON."""
    return as_json(access_token_as("access_token")(request, token, client))


provider = OAuth2(
    id="soundcloud", name="SoundCloud", color="#FF5500", console="https://soundcloud.com/you/apps",
    authorize_url="https://secure.soundcloud.com/authorize",
    token_url="https://secure.soundcloud.com/oauth/token",
    api_url="https://api.soundcloud.com/", profile_call="me",
    token_use=scheme("OAuth"),
    revoke_url="https://secure.soundcloud.com/sign-out", shape_revoke=sign_out,
    identity=fields(
        # It takes the place of the number, which is going away.
        subject="urn",
        username=("permalink", "username"),
        name=("full_name", "username"),
        profile_url="permalink_url",
        image_url="avatar_url",
    ),
    email_trust="none",
)
