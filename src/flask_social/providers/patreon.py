"""Patreon -- https://docs.patreon.com/#oauth"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

# Without their names it tells the id alone.
FIELDS = "email,is_email_verified,full_name,image_url,thumb_url,url,vanity"

provider = OAuth2(
    id="patreon", name="Patreon", color="#000000",
    console="https://www.patreon.com/portal/registration/register-clients",
    authorize_url="https://www.patreon.com/oauth2/authorize",
    token_url="https://www.patreon.com/api/oauth2/token",
    api_url="https://www.patreon.com/api/oauth2/v2/",
    scopes=("identity", "identity[email]"),
    profile_call=f"identity?fields%5Buser%5D={FIELDS}",
    identity=fields(
        subject="data.id", username="data.attributes.vanity", name="data.attributes.full_name",
        email="data.attributes.email", email_verified="data.attributes.is_email_verified",
        profile_url="data.attributes.url",
        image_url=("data.attributes.image_url", "data.attributes.thumb_url"),
    ),
    email_trust="flag",
)
