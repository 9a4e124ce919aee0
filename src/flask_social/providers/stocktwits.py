"""Stocktwits -- https://api.stocktwits.com/developers/docs/authentication"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="stocktwits", name="Stocktwits",
    authorize_url="https://api.stocktwits.com/api/2/oauth/authorize",
    token_url="https://api.stocktwits.com/api/2/oauth/token",
    api_url="https://api.stocktwits.com/api/2/", profile_call="account/verify.json",
    scopes=("read",), scope_separator=",",
    token_use=in_query("access_token"),
    assume_bearer=True,
    identity=fields(
        subject="user.id", username="user.username", name="user.name",
        profile_url="https://stocktwits.com/{user.username}",
        image_url=("user.avatar_url_ssl", "user.avatar_url"),
    ),
    email_trust="none", refreshes=False,
)
