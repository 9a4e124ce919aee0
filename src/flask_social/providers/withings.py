"""Withings -- https://developer.withings.com/developer-guide/v3/integration-guide/public-health-data-api/get-access/oauth-web-flow

An account has a number and nothing else; the token answer tells it.
"""

from ..protocols.calls import from_token
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import nested

provider = OAuth2(
    id="withings", name="Withings", console="https://developer.withings.com/dashboard/",
    authorize_url="https://account.withings.com/oauth2_user/authorize2",
    token_url="https://wbsapi.withings.net/v2/oauth2",
    api_url="https://wbsapi.withings.net/",
    scopes=("user.info",), scope_separator=",",
    token_params={"action": "requesttoken"},
    shape_token=nested("body"),
    assume_bearer=True,
    profile=from_token,
    identity=fields(subject="userid"),
    email_trust="none",
)
