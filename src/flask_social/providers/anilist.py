"""AniList -- https://docs.anilist.co/guide/auth/"""

from ..protocols.calls import graphql
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="anilist", name="AniList", color="#02A9FF", console="https://anilist.co/settings/developer",
    authorize_url="https://anilist.co/api/v2/oauth/authorize",
    token_url="https://anilist.co/api/v2/oauth/token",
    api_url="https://graphql.anilist.co/",
    profile=graphql("", "{ Viewer { id name avatar { large } siteUrl } }"),
    identity=fields(
        subject="Viewer.id", username="Viewer.name", name="Viewer.name",
        profile_url="Viewer.siteUrl", image_url="Viewer.avatar.large",
    ),
    email_trust="none", refreshes=False,
)
