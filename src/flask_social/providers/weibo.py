"""Sina Weibo -- https://open.weibo.com/wiki/%E6%8E%88%E6%9D%83%E6%9C%BA%E5%88%B6%E8%AF%B4%E6%98%8E

Its answers may be labelled as plain text.
"""

from ..protocols.calls import calls
from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as

provider = OAuth2(
    id="weibo", name="Sina Weibo", color="#E6162D", console="https://open.weibo.com/apps",
    authorize_url="https://api.weibo.com/oauth2/authorize",
    token_url="https://api.weibo.com/oauth2/access_token",
    api_url="https://api.weibo.com/2/",
    scopes=("email",), scope_separator=",",
    token_media="text/plain",
    api_media="text/plain",
    token_use=in_query("access_token"),
    assume_bearer=True,
    # The address is for applications with a privilege.
    profile=calls("users/show.json?uid={token.uid}", emails="account/profile/email.json"),
    revoke_url="https://api.weibo.com/oauth2/revokeoauth2",
    shape_revoke=access_token_as("access_token"),
    identity=fields(
        subject="idstr", username=("domain", "screen_name"), name=("name", "screen_name"),
        email="emails[0].email", profile_url="https://www.weibo.com/u/{idstr}",
        image_url=("avatar_large", "profile_image_url"),
    ),
    email_trust="never", refreshes=False,
)
