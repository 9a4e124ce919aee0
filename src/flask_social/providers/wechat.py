"""WeChat -- https://developers.weixin.qq.com/doc/oplatform/Website_App/WeChat_Login/Wechat_Login.html

Its answers are JSON labelled as plain text, and errors come with status 200. A person is known by
the id that all applications of one developer share, if there is one.
"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import spent_at


def in_order(params: dict[str, str]) -> dict[str, str]:
    """Its own applications may want the parameters sorted."""
    return dict(sorted(params.items()))


provider = OAuth2(
    id="wechat", name="WeChat", color="#07C160", console="https://open.weixin.qq.com/",
    authorize_url="https://open.weixin.qq.com/connect/qrconnect",
    token_url="https://api.weixin.qq.com/sns/oauth2/access_token",
    refresh_url="https://api.weixin.qq.com/sns/oauth2/refresh_token",
    api_url="https://api.weixin.qq.com/sns/",
    scopes=("snsapi_login",), scope_separator=",",
    renames={"client_id": "appid", "client_secret": "secret"},
    shape_authorize=in_order,
    token_method="GET",
    token_media="text/plain",
    api_media="text/plain",
    token_use=in_query("access_token"),
    assume_bearer=True,
    # No code or refresh token, or one of no use any more.
    shape_token=spent_at("errcode", (40029, 40030, 40163, 42002)),
    profile_call="userinfo?openid={token.openid}&lang=en",
    identity=fields(subject=("unionid", "openid"), name="nickname", image_url="headimgurl"),
    email_trust="none",
)
