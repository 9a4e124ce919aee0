"""Mixcloud -- https://www.mixcloud.com/developers/#authorization"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="mixcloud", name="Mixcloud", color="#5000FF", console="https://www.mixcloud.com/developers/",
    authorize_url="https://www.mixcloud.com/oauth/authorize",
    token_url="https://www.mixcloud.com/oauth/access_token",
    api_url="https://api.mixcloud.com/", profile_call="me/",
    token_use=in_query("access_token"),
    assume_bearer=True,
    identity=fields(
        subject="username", username="username", name="name", profile_url="url",
        image_url="pictures.large",
    ),
    email_trust="none", refreshes=False,
)
