"""OpenStreetMap -- https://wiki.openstreetmap.org/wiki/OAuth"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="openstreetmap", name="OpenStreetMap", color="#7EBC6F",
    console="https://www.openstreetmap.org/oauth2/applications",
    authorize_url="https://www.openstreetmap.org/oauth2/authorize",
    token_url="https://www.openstreetmap.org/oauth2/token",
    revoke_url="https://www.openstreetmap.org/oauth2/revoke",
    api_url="https://api.openstreetmap.org/api/0.6/", profile_call="user/details.json",
    scopes=("read_prefs",),
    identity=fields(
        subject="user.id", username="user.display_name", name="user.display_name",
        profile_url="https://www.openstreetmap.org/user/{user.display_name}",
        image_url="user.img.href",
    ),
    email_trust="none", refreshes=False,
)
