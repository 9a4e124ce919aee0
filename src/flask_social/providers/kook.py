"""KOOK -- https://developer.kookapp.cn/doc/oauth2"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="kook", name="KOOK", console="https://developer.kookapp.cn/",
    authorize_url="https://www.kookapp.cn/app/oauth2/authorize",
    token_url="https://www.kookapp.cn/api/oauth2/token",
    api_url="https://www.kookapp.cn/api/v3/", profile_call="user/me",
    scopes=("get_user_info",),
    assume_bearer=True,
    identity=fields(
        subject="data.id", username="data.username", name=("data.nickname", "data.username"),
        image_url="data.avatar",
    ),
    email_trust="none", refreshes=False,
)
