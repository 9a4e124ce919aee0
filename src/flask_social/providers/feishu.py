"""Feishu -- https://open.feishu.cn/document/common-capabilities/sso/web-application-sso/web-app-overview

Outside China it is called Lark, at ``{"domain": "larksuite.com"}``.
"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="feishu", name="Feishu", color="#3370FF", console="https://open.{domain}/app",
    places={"domain": "feishu.cn"},
    issuer="https://passport.{domain}",
    authorize_url="https://passport.{domain}/suite/passport/oauth/authorize",
    token_url="https://passport.{domain}/suite/passport/oauth/token",
    api_url="https://open.{domain}/open-apis/",
    assume_bearer=True,
    profile_call="https://passport.{domain}/suite/passport/oauth/userinfo",
    identity=fields(
        # One for all applications of a developer, where open_id is another at each.
        subject="union_id",
        name="name",
        email="email",
        image_url=("avatar_url", "picture"),
    ),
    email_trust="never",
)
