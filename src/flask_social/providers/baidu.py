"""Baidu -- https://openauth.baidu.com/doc/doc.html"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="baidu", name="Baidu", color="#2932E1", console="https://developer.baidu.com/console",
    authorize_url="https://openapi.baidu.com/oauth/2.0/authorize",
    token_url="https://openapi.baidu.com/oauth/2.0/token",
    api_url="https://openapi.baidu.com/rest/2.0/",
    scopes=("basic",),
    token_use=in_query("access_token"),
    assume_bearer=True,
    profile_call="passport/users/getLoggedInUser",
    identity=fields(
        # Newer applications are told an openid alone, which is another for each of them.
        subject=("uid", "openid"),
        username="uname",
        name="uname",
        image_url="https://tb.himg.baidu.com/sys/portraitn/item/{portrait}",
    ),
    email_trust="none",
)
