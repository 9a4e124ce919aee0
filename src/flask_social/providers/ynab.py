"""YNAB -- https://api.ynab.com/#oauth-applications"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="ynab", name="YNAB", console="https://app.ynab.com/settings/developer",
    authorize_url="https://app.ynab.com/oauth/authorize",
    token_url="https://app.ynab.com/oauth/token",
    api_url="https://api.ynab.com/v1/", profile_call="user",
    scopes=("read-only",),
    identity=fields(subject="data.user.id"),
    email_trust="none",
)
