"""Streamlabs -- https://dev.streamlabs.com/docs/oauth-2"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="streamlabs", name="Streamlabs", color="#80F5D2",
    console="https://streamlabs.com/dashboard#/settings/api-settings",
    authorize_url="https://streamlabs.com/api/v2.0/authorize",
    token_url="https://streamlabs.com/api/v2.0/token",
    api_url="https://streamlabs.com/api/v2.0/", profile_call="user",
    scopes=("socket.token",),
    assume_bearer=True,
    identity=fields(
        subject="streamlabs.id", username="streamlabs.username", name="streamlabs.display_name",
        image_url="streamlabs.thumbnail",
    ),
    email_trust="none", refreshes=False,
)
