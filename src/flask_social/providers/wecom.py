"""WeCom -- https://developer.work.weixin.qq.com/document/path/98151

Id and secret are the corporation's, and the token is the application's own: the code tells, by a
call with that token, who is there.
"""

from urllib.parse import quote

from ..http import Get
from ..protocols.credentials import in_query, public
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """A member's name is a second call away; somebody from outside has but an ``openid``."""
    found = get(f"auth/getuserinfo?code={quote(token.secret or '', safe='')}")
    member = found.get("userid")
    return {**(get(f"user/get?userid={quote(member, safe='')}") if member else {}), **found}


provider = OAuth2(
    id="wecom", name="WeCom", console="https://work.weixin.qq.com/wework_admin/",
    credentials=("agent_id",),
    authorize_url="https://login.work.weixin.qq.com/wwlogin/sso/login",
    token_url="https://qyapi.weixin.qq.com/cgi-bin/gettoken",
    api_url="https://qyapi.weixin.qq.com/cgi-bin/",
    renames={"client_id": "appid"},
    authorize_params={"login_type": "CorpApp", "agentid": "{agent_id}"},
    token_method="GET",
    token_params={"corpid": "{client_id}", "corpsecret": "{client_secret}"},
    client_auth=public, assume_bearer=True,
    # For the profile; it is of no use afterwards.
    kept="code",
    token_use=in_query("access_token"),
    profile=profile,
    # A member's id is one that the corporation made up: it has no colon.
    identity=fields(subject=("userid", "openid:{openid}"), name="name"),
    email_trust="none", refreshes=False,
)
