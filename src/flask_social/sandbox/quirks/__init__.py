"""What no description says: each a class whose methods stand in at one step of a flow.

A description names at most one, see :mod:`..played`.
"""

from __future__ import annotations

from ..provider import Provider
from .alipay import Alipay
from .apple import Apple
from .atproto import Atproto
from .base import Quirk
from .chinese import QQ, WeCom
from .instances import Mastodon, Shopify, Tenants, WorkOS
from .lastfm import LastFm
from .runame import RuName
from .sealing import Itsme
from .signing import Mediawiki, Odnoklassniki
from .small import EmptySecret, Gzipped, Jsonp, LongLived, TokenPrefix, UsernameHeader
from .steam import Steam
from .tokens import JwtToken

NONE = Quirk()
QUIRKS: dict[str, Quirk] = {
    "alipay": Alipay(),
    "apple": Apple(),
    "atproto": Atproto(),
    "empty_secret": EmptySecret(),
    "gzipped": Gzipped(),
    "itsme": Itsme(),
    "jsonp": Jsonp(),
    "jwt_token": JwtToken(),
    "lastfm": LastFm(),
    "long_lived": LongLived(),
    "mastodon": Mastodon(),
    "mediawiki": Mediawiki(),
    "odnoklassniki": Odnoklassniki(),
    "qq": QQ(),
    "runame": RuName(),
    "shopify": Shopify(),
    "steam": Steam(),
    "tenants": Tenants(),
    "token_prefix": TokenPrefix(),
    "username_header": UsernameHeader(),
    "wecom": WeCom(),
    "workos": WorkOS(),
}


def of(provider: Provider) -> Quirk:
    """The quirk of *provider*, or one that changes nothing."""
    play = provider.script.play
    return QUIRKS[play.quirk] if play and play.quirk else NONE
