"""Threads -- https://developers.facebook.com/docs/threads/get-started/get-access-tokens-and-permissions

A token is good for an hour; when an account is connected it is exchanged for one of 60 days,
which is renewed by itself.
"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.long_lived import LongLived

provider = LongLived(
    id="threads", name="Threads", color="#000000", console="https://developers.facebook.com/apps/",
    authorize_url="https://threads.net/oauth/authorize",
    token_url="https://graph.threads.net/oauth/access_token",
    api_url="https://graph.threads.net/v1.0/",
    exchange_url="https://graph.threads.net/access_token",
    exchange_grant="th_exchange_token",
    refresh_url="https://graph.threads.net/refresh_access_token",
    renewal_grant="th_refresh_token",
    scopes=("threads_basic",), scope_separator=",",
    token_use=in_query("access_token"),
    assume_bearer=True,
    profile_call="me?fields=id,username,name,threads_profile_picture_url",
    identity=fields(
        subject="id", username="username", name=("name", "username"),
        profile_url="https://www.threads.net/@{username}", image_url="threads_profile_picture_url",
    ),
    email_trust="none",
)
