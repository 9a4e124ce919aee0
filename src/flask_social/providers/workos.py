"""WorkOS -- https://workos.com/docs/reference/sso

Each customer's directory is a connection there; which one people are sent to, the setting
``connection`` says.
"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="workos", name="WorkOS", console="https://dashboard.workos.com/",
    credentials=("connection",),
    authorize_url="https://api.workos.com/sso/authorize",
    token_url="https://api.workos.com/sso/token",
    api_url="https://api.workos.com/", profile_call="sso/profile",
    authorize_params={"connection": "{connection}"},
    assume_bearer=True,
    identity=fields(subject="id", name="{first_name} {last_name}", email="email"),
    email_trust="never", refreshes=False,
)
