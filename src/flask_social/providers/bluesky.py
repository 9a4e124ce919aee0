"""Bluesky -- https://atproto.com/specs/oauth

There is no console: the application's id is the address of a document that it serves itself, so
that ``SOCIAL_BLUESKY = {}`` and SOCIAL_APP_URL are enough. Accounts of other servers than Bluesky's
come by another ``authorization_server``. A handle and a name are what the person's server says.
"""

from contextlib import suppress
from urllib.parse import quote

from ..errors import ProviderError
from ..http import Get
from ..protocols.atproto import Atproto
from ..protocols.identity import Profile, fields
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """The session, and what Bluesky shows of the person: not everybody there is at Bluesky."""
    session = get("com.atproto.server.getSession")
    actor = quote(session["did"], safe="")
    with suppress(ProviderError):  # their server asks Bluesky, which may be away
        return {**get(f"app.bsky.actor.getProfile?actor={actor}"), **session}
    return session


provider = Atproto(
    id="bluesky", name="Bluesky", color="#1185FE",
    proofs=(),
    places={"authorization_server": "bsky.social"},
    issuer="https://{authorization_server}",
    api_url="https://{authorization_server}/xrpc/",
    profile=profile,
    identity=fields(
        subject="did", username="handle", name=("displayName", "handle"), email="email",
        profile_url="https://bsky.app/profile/{handle}", image_url="avatar",
    ),
    # Anybody may run a server for their own account, and it says of addresses what it likes.
    email_trust="never",
)
