"""Douyin -- https://developer.open-douyin.com/docs/resource/zh-CN/dop/develop/openapi/account-permission/douyin-get-permission-code"""

from ..http import Get
from ..protocols.credentials import in_form, in_header
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import nested, spent_at
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """It wants to be told whose the token is, as the token answer tells."""
    return get("oauth/userinfo/", form={"open_id": token.raw["open_id"]})


provider = OAuth2(
    id="douyin", name="Douyin", color="#000000", console="https://developer.open-douyin.com/",
    authorize_url="https://open.douyin.com/platform/oauth/connect",
    token_url="https://open.douyin.com/oauth/access_token/",
    refresh_url="https://open.douyin.com/oauth/refresh_token/",
    api_url="https://open.douyin.com/",
    scopes=("user_info",), scope_separator=",",
    renames={"client_id": "client_key"},
    # Errors come with status 200; these two are of a refresh token that is used up.
    shape_token=spent_at("data.error_code", (10010, 10020), nested("data")),
    assume_bearer=True,
    token_use=in_form("access_token", otherwise=in_header("access-token")),
    profile=profile,
    identity=fields(
        subject=("data.union_id", "data.open_id"), name="data.nickname", image_url="data.avatar",
    ),
    email_trust="none",
)
