"""Douban -- https://developers.douban.com/wiki/?title=oauth2"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="douban", name="Douban", color="#2D963D",
    authorize_url="https://www.douban.com/service/auth2/auth",
    token_url="https://www.douban.com/service/auth2/token",
    api_url="https://api.douban.com/v2/", profile_call="user/~me",
    scopes=("douban_basic_common",), scope_separator=",",
    assume_bearer=True,
    identity=fields(
        subject="id", username="uid", name="name", profile_url="alt",
        image_url=("large_avatar", "avatar"),
    ),
    email_trust="none",
)
