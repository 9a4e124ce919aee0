"""DocuSign -- https://developers.docusign.com/platform/auth/authcode/"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="docusign", name="DocuSign", color="#FFCC22",
    console="https://admindemo.docusign.com/apps-and-keys",
    # Applications that are not released yet live at account-d.docusign.com.
    places={"host": "account.docusign.com"},
    issuer="https://{host}/",
    authorize_url="https://{host}/oauth/auth",
    token_url="https://{host}/oauth/token",
    api_url="https://{host}/", profile_call="oauth/userinfo",
    scopes=("openid", "signature"),
    offline_scopes=("extended",),
    client_auth=basic,
    identity=fields(subject="sub", name="name", email="email"),
    email_trust="never",
)
