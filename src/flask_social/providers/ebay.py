"""eBay -- https://developer.ebay.com/api-docs/static/oauth-authorization-code-grant.html

It knows the address to come back to by a RuName that it gives for it. One stands for one address,
so that ``SOCIAL_SINGLE_CALLBACK`` is needed. Its sandbox is ``"domain": "sandbox.ebay.com"``.
"""

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import of_bearer

provider = OAuth2(
    id="ebay", name="eBay", color="#E53238", console="https://developer.ebay.com/my/keys",
    places={"domain": "ebay.com"},
    credentials=("runame",),
    issuer="https://auth.{domain}",
    authorize_url="https://auth.{domain}/oauth2/authorize",
    authorize_params={"runame": "{runame}"},
    token_url="https://api.{domain}/identity/v1/oauth2/token",
    token_params={"runame": "{runame}"},
    # What eBay calls redirect_uri is the RuName; of the address itself it takes no notice.
    renames={"runame": "redirect_uri", "redirect_uri": "callback_url"},
    client_auth=basic,
    # It says whose a token is, "User Access Token", and not of what type.
    shape_token=of_bearer,
    api_url="https://api.{domain}/",
    scopes=("https://api.ebay.com/oauth/api_scope/commerce.identity.readonly",),
    profile_call="https://apiz.{domain}/commerce/identity/v1/user/",
    identity=fields(
        subject="userId", username="username",
        name=("{individualAccount.firstName} {individualAccount.lastName}", "username"),
        email=("individualAccount.email", "businessAccount.email"),
    ),
    email_trust="never",
)
