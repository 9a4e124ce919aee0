"""Mailchimp -- https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/

The profile says, as ``api_endpoint``, where the API of the person's account stands.
"""

from ..protocols.credentials import scheme
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="mailchimp", name="Mailchimp", color="#FFE01B",
    console="https://us1.admin.mailchimp.com/account/oauth2/",
    authorize_url="https://login.mailchimp.com/oauth2/authorize",
    token_url="https://login.mailchimp.com/oauth2/token",
    api_url="https://login.mailchimp.com/", profile_call="oauth2/metadata",
    token_use=scheme("OAuth"),
    # The token answer has no token_type.
    assume_bearer=True,
    identity=fields(
        # The person's; user_id is the account's, which several people share.
        subject="login.login_id",
        username="login.login_name",
        name="accountname",
        email=("login.email", "login.login_email"),
        image_url="login.avatar",
    ),
    email_trust="never", refreshes=False,
)
