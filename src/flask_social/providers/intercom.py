"""Intercom -- https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="intercom", name="Intercom", color="#6AFDEF",
    console="https://app.intercom.com/a/apps/_/developer-hub",
    authorize_url="https://app.intercom.com/oauth",
    token_url="https://api.intercom.io/auth/eagle/token",
    api_url="https://api.intercom.io/", profile_call="me",
    identity=fields(
        subject="id", name="name", email="email", email_verified="email_verified",
        image_url="avatar.image_url",
    ),
    email_trust="flag", refreshes=False,
)
