"""QQ -- https://wiki.connect.qq.com/"""

from urllib.parse import quote

from ..http import Get
from ..protocols.credentials import in_query
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """One call tells whose the token is, another who that is. Errors come with status 200."""
    openid = get("oauth2.0/me?fmt=json")["openid"]
    person = get(f"user/get_user_info?openid={quote(openid, safe='')}")
    if person["ret"] != 0:
        raise ValueError("get_user_info failed")
    return {**person, "openid": openid}


provider = OAuth2(
    id="qq", name="QQ", color="#1EBAFC", console="https://connect.qq.com/manage.html",
    authorize_url="https://graph.qq.com/oauth2.0/authorize",
    token_url="https://graph.qq.com/oauth2.0/token",
    api_url="https://graph.qq.com/",
    scopes=("get_user_info",), scope_separator=",",
    # Else the answer is a form, and that of the profile a script. Even JSON is labelled as a page.
    token_params={"fmt": "json"},
    token_method="GET",
    token_media="text/html",
    api_media="text/html",
    token_use=in_query("access_token", oauth_consumer_key="{client_id}"),
    assume_bearer=True,
    profile=profile,
    identity=fields(
        subject="openid", name="nickname", image_url=("figureurl_qq_2", "figureurl_qq_1"),
    ),
    email_trust="none",
)
