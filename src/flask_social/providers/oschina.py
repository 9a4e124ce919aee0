"""OSChina -- https://www.oschina.net/openapi/docs/oauth2_authorize"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="oschina", name="OSChina", console="https://www.oschina.net/openapi/client",
    authorize_url="https://www.oschina.net/action/oauth2/authorize",
    token_url="https://www.oschina.net/action/openapi/token",
    api_url="https://www.oschina.net/action/openapi/", profile_call="user",
    token_params={"dataType": "json"},
    token_use=in_query("access_token", dataType="json"),
    assume_bearer=True,
    identity=fields(
        subject="id", username="name", name="name", email="email", profile_url="url",
        image_url="avatar",
    ),
    email_trust="never",
)
