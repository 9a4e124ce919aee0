"""UAE PASS -- https://docs.uaepass.ae/feature-guides/authentication/web-application"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="uaepass", name="UAE PASS", console="https://selfcare.uaepass.ae/",
    # For trying it out: stg-id.uaepass.ae.
    places={"host": "id.uaepass.ae"},
    authorize_url="https://{host}/idshub/authorize",
    token_url="https://{host}/idshub/token",
    api_url="https://{host}/", profile_call="idshub/userinfo",
    scopes=("urn:uae:digitalid:profile:general",),
    authorize_params={"acr_values": "urn:safelayer:tws:policies:authentication:level:low"},
    client_auth=basic,
    identity=fields(subject=("sub", "uuid"), name="fullnameEN", email="email"),
    email_trust="never", refreshes=False,
)
