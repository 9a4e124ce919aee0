"""Reddit -- https://github.com/reddit-archive/reddit/wiki/OAuth2

It slows down whoever calls it under a common name. An application says its own by
``"headers": {"User-Agent": "web:example:1.0 (by /u/ada)"}``.
"""

from html import unescape

from ..protocols.credentials import basic
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2


def picture(profile: Profile) -> str:
    """The picture, whose address comes as HTML has it: ``&amp;`` for ``&``."""
    return unescape(profile.get("icon_img") or "")


provider = OAuth2(
    id="reddit", name="Reddit", color="#FF4500", console="https://www.reddit.com/prefs/apps",
    authorize_url="https://www.reddit.com/api/v1/authorize",
    token_url="https://www.reddit.com/api/v1/access_token",
    revoke_url="https://www.reddit.com/api/v1/revoke_token",
    api_url="https://oauth.reddit.com/", profile_call="api/v1/me",
    scopes=("identity",),
    offline_params={"duration": "permanent"},
    client_auth=basic,
    identity=fields(
        subject="id", username="name", name="name",
        profile_url="https://www.reddit.com/user/{name}", image_url=picture,
    ),
    email_trust="none",
)
