"""Telegram -- https://core.telegram.org/bots/telegram-login

Its client id and secret are those of the bot's Web Login, not the bot's token. The subject is
not the number by which bots know a person: where it tells that, it is the claim ``id``.
"""

from ..protocols.credentials import basic
from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="telegram_oidc", name="Telegram", color="#26A5E4", console="https://t.me/BotFather",
    issuer="https://oauth.telegram.org",
    scopes=("openid", "profile"),
    client_auth=basic,
    identity=claims(profile_url="https://t.me/{preferred_username}"),
    email_trust="none", refreshes=False,
)
