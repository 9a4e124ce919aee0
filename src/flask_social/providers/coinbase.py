"""Coinbase -- https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/overview"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="coinbase", name="Coinbase", color="#0052FF", console="https://portal.cdp.coinbase.com/",
    authorize_url="https://login.coinbase.com/oauth2/auth",
    token_url="https://login.coinbase.com/oauth2/token",
    api_url="https://api.coinbase.com/v2/", profile_call="user",
    scopes=("wallet:user:read", "wallet:user:email"), scope_separator=",",
    offline_scopes=("offline_access",),
    headers={"CB-VERSION": "2022-01-06"},
    revoke_url="https://login.coinbase.com/oauth2/revoke",
    identity=fields(
        subject="data.id", username="data.username", name="data.name", email="data.email",
        profile_url="data.profile_url", image_url="data.avatar_url",
    ),
    email_trust="never",
)
