"""MusicBrainz -- https://musicbrainz.org/doc/Development/OAuth2"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="musicbrainz", name="MusicBrainz", color="#BA478F",
    console="https://musicbrainz.org/account/applications",
    authorize_url="https://musicbrainz.org/oauth2/authorize",
    token_url="https://musicbrainz.org/oauth2/token",
    revoke_url="https://musicbrainz.org/oauth2/revoke",
    # Its API is below, at ws/2/.
    api_url="https://musicbrainz.org/",
    scopes=("profile", "email"),
    # A refresh token comes with the first consent only, hence the prompt.
    offline_params={"access_type": "offline", "approval_prompt": "force"},
    profile_call="oauth2/userinfo",
    identity=fields(
        # What it calls sub is the name, which can be changed.
        subject="metabrainz_user_id",
        username="sub",
        name="sub",
        email="email",
        email_verified="email_verified",
        profile_url="profile",
    ),
    email_trust="flag",
)
