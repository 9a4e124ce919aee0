"""ClickUp -- https://developer.clickup.com/docs/authentication"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="clickup", name="ClickUp", color="#7B68EE", console="https://app.clickup.com/settings/apps",
    authorize_url="https://app.clickup.com/api",
    token_url="https://api.clickup.com/api/v2/oauth/token",
    api_url="https://api.clickup.com/api/v2/", profile_call="user",
    assume_bearer=True,
    identity=fields(
        subject="user.id", username="user.username", name="user.username", email="user.email",
        image_url="user.profilePicture",
    ),
    email_trust="never", refreshes=False,
)
