"""LINE -- https://developers.line.biz/en/docs/line-login/integrate-line-login/"""

from ..protocols.oidc import OIDC
from ..protocols.revoking import access_token_as

provider = OIDC(
    id="line", name="LINE", color="#00C300", console="https://developers.line.biz/console/",
    issuer="https://access.line.me",
    api_url="https://api.line.me/v2/",
    # What it gives a website is signed with the channel secret, and with nothing else.
    algorithms=("HS256",),
    # UserInfo has no address; the ID token has all.
    userinfo=False,
    revoke_url="https://api.line.me/oauth2/v2.1/revoke", shape_revoke=access_token_as(
        "access_token", client_id="{client_id}", client_secret="{client_secret}",
    ),
    email_trust="never",
)
