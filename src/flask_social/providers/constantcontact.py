"""Constant Contact -- https://developer.constantcontact.com/api_guide/server_flow.html

It tells the account, which people may share, not the person.
"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="constantcontact", name="Constant Contact",
    console="https://app.constantcontact.com/pages/dma/portal/",
    authorize_url="https://authz.constantcontact.com/oauth2/default/v1/authorize",
    token_url="https://authz.constantcontact.com/oauth2/default/v1/token",
    api_url="https://api.cc.email/v3/", profile_call="account/summary",
    scopes=("account_read",),
    offline_scopes=("offline_access",),
    client_auth=basic,
    identity=fields(
        subject="encoded_account_id", name="{first_name} {last_name}", email="contact_email",
    ),
    email_trust="never",
)
