"""Last.fm -- https://www.last.fm/api/webauth

It has a way of its own, which is older than OAuth 2.0. People have no other id than their name.
"""

from ..protocols.identity import fields
from ..protocols.session_key import SessionKey

provider = SessionKey(
    id="lastfm", name="Last.fm", color="#D51007", console="https://www.last.fm/api/account/create",
    authorize_url="https://www.last.fm/api/auth/",
    token_url="https://ws.audioscrobbler.com/2.0/",
    api_url="https://ws.audioscrobbler.com/2.0/",
    profile_call="?method=user.getInfo&user={token.name}",
    identity=fields(
        subject="user.name", username="user.name", name=("user.realname", "user.name"),
        profile_url="user.url", image_url='user.image[-1]["#text"]',
    ),
    email_trust="none",
)
