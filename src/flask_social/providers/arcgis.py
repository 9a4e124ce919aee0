"""ArcGIS -- https://developers.arcgis.com/documentation/security-and-authentication/user-authentication/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="arcgis", name="ArcGIS", color="#2C7AC3", console="https://developers.arcgis.com/",
    authorize_url="https://www.arcgis.com/sharing/rest/oauth2/authorize",
    token_url="https://www.arcgis.com/sharing/rest/oauth2/token",
    api_url="https://www.arcgis.com/sharing/rest/",
    assume_bearer=True,
    profile_call="community/self?f=json",
    identity=fields(subject="username", username="username", name="fullName", email="email"),
    email_trust="never",
)
