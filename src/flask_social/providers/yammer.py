"""Yammer -- https://learn.microsoft.com/en-us/rest/api/yammer/oauth-2"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import nested

provider = OAuth2(
    id="yammer", name="Yammer", color="#106EBE",
    console="https://www.yammer.com/client_applications",
    authorize_url="https://www.yammer.com/oauth2/authorize",
    token_url="https://www.yammer.com/oauth2/access_token",
    api_url="https://www.yammer.com/api/v1/", profile_call="users/current.json",
    shape_token=nested("access_token", access_token="token"),
    assume_bearer=True,
    identity=fields(
        subject="id", username="name", name="full_name", email="email", profile_url="web_url",
        image_url="mugshot_url",
    ),
    email_trust="never", refreshes=False,
)
