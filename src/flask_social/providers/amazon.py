"""Amazon -- https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="amazon", name="Amazon", color="#FF9900",
    console="https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html",
    authorize_url="https://www.amazon.com/ap/oa",
    token_url="https://api.amazon.com/auth/o2/token",
    api_url="https://api.amazon.com/", profile_call="user/profile",
    scopes=("profile",),
    identity=fields(subject="user_id", name="name", email="email"),
    email_trust="never",
)
