"""Imgur -- https://apidocs.imgur.com/"""

from ..protocols.calls import calls
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="imgur", name="Imgur", color="#1BB76E", console="https://api.imgur.com/oauth2/addclient",
    authorize_url="https://api.imgur.com/oauth2/authorize",
    token_url="https://api.imgur.com/oauth2/token",
    api_url="https://api.imgur.com/3/",
    profile=calls("account/me", settings="account/me/settings"),
    identity=fields(
        subject="data.id", username="data.url", name="data.url", email="settings.data.email",
        profile_url="https://imgur.com/user/{data.url}", image_url="data.avatar",
    ),
    email_trust="never",
)
