"""Bitly -- https://dev.bitly.com/docs/getting-started/authentication/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="bitly", name="Bitly", color="#EE6123",
    console="https://app.bitly.com/settings/integrations",
    authorize_url="https://bitly.com/oauth/authorize",
    token_url="https://api-ssl.bitly.com/oauth/access_token",
    api_url="https://api-ssl.bitly.com/v4/", profile_call="user",
    # The token answer has no token_type.
    assume_bearer=True,
    identity=fields(
        subject="login", username="login", name="name", email="emails[is_primary=true].email",
        email_verified="emails[is_primary=true].is_verified",
    ),
    email_trust="flag", refreshes=False,
)
