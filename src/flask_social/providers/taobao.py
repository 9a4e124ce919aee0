"""Taobao -- https://open.taobao.com/doc.htm?docId=102635&docType=1

The token answer tells whose it is. Calls of its API are signed, which ``get_api()`` does not do.
"""

from typing import Any
from urllib.parse import unquote

from ..protocols.calls import from_token
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2


def nick(profile: Profile) -> Any:
    """The name, which comes percent-encoded."""
    return unquote(profile.get("taobao_user_nick") or "")


provider = OAuth2(
    id="taobao", name="Taobao", color="#E94F20", console="https://open.taobao.com/",
    authorize_url="https://oauth.taobao.com/authorize",
    token_url="https://oauth.taobao.com/token",
    api_url="https://eco.taobao.com/router/",
    authorize_params={"view": "web"},
    assume_bearer=True,
    profile=from_token,
    identity=fields(subject="taobao_user_id", username=nick, name=nick),
    email_trust="none",
)
