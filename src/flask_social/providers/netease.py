"""NetEase -- https://reg.163.com/help/help_oauth2.html"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="netease", name="NetEase",
    authorize_url="https://reg.163.com/open/oauth2/authorize.do",
    token_url="https://reg.163.com/open/oauth2/token.do",
    api_url="https://reg.163.com/open/oauth2/", profile_call="getUserInfo.do",
    token_use=in_query("access_token"),
    assume_bearer=True,
    identity=fields(subject="userId", username="username", name="username"),
    email_trust="none",
)
