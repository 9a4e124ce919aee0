"""PayPal -- https://developer.paypal.com/docs/log-in-with-paypal/"""

from ..protocols.credentials import basic
from ..protocols.identity import claims
from ..protocols.oidc import OIDC

provider = OIDC(
    id="paypal", name="PayPal", color="#002991",
    console="https://developer.paypal.com/dashboard/applications",
    issuer="https://www.paypal.com",
    api_url="https://api-m.paypal.com/",
    authorize_params={"flowEntry": "static"},
    client_auth=basic,
    # UserInfo under another name; it wants to be told which of two forms it takes.
    userinfo=False,
    profile_call="v1/identity/oauth2/userinfo?schema=paypalv1.1",
    revoke_url="https://api-m.paypal.com/v1/oauth2/token/terminate",
    identity=claims(
        subject=("payer_id", "user_id"), email=("emails[primary=true].value", "email"),
        email_verified=("emails[primary=true].confirmed", "email_verified"),
    ),
)
