"""Webex -- https://developer.webex.com/docs/login-with-webex"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="webex", name="Webex", color="#000000", console="https://developer.webex.com/my-apps",
    authorize_url="https://webexapis.com/v1/authorize",
    token_url="https://webexapis.com/v1/access_token",
    api_url="https://webexapis.com/v1/", profile_call="people/me",
    scopes=("spark:people_read", "spark:kms"),
    assume_bearer=True,
    identity=fields(
        subject="id", username="nickName", name="displayName", email="emails[0]",
        image_url="avatar",
    ),
    email_trust="never",
)
