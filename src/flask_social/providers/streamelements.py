"""StreamElements -- https://dev.streamelements.com/docs/api-docs/cd02cda5171ea-o-auth2"""

from ..protocols.credentials import scheme
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="streamelements", name="StreamElements", console="https://dev.streamelements.com/",
    authorize_url="https://api.streamelements.com/oauth2/authorize",
    token_url="https://api.streamelements.com/oauth2/token",
    api_url="https://api.streamelements.com/kappa/v2/", profile_call="channels/me",
    scopes=("channel:read",),
    token_use=scheme("oAuth"),
    assume_bearer=True,
    identity=fields(
        subject="_id", username="username", name=("alias", "username"), email="email",
        image_url="avatar",
    ),
    email_trust="never",
)
