"""42 -- https://api.intra.42.fr/apidoc/guides/web_application_flow"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="fortytwo", name="42", color="#000000",
    console="https://profile.intra.42.fr/oauth/applications",
    authorize_url="https://api.intra.42.fr/oauth/authorize",
    token_url="https://api.intra.42.fr/oauth/token",
    api_url="https://api.intra.42.fr/v2/", profile_call="me",
    scopes=("public",),
    identity=fields(
        subject="id", username="login", name=("usual_full_name", "displayname"), email="email",
        profile_url="https://profile.intra.42.fr/users/{login}", image_url="image.link",
    ),
    email_trust="always",
)
