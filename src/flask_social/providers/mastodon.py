"""Mastodon -- https://docs.joinmastodon.org/spec/oauth/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="mastodon", name="Mastodon", color="#6364FF",
    console="https://{instance}/settings/applications",
    issuer="https://{instance}",
    authorize_url="https://{instance}/oauth/authorize",
    token_url="https://{instance}/oauth/token",
    api_url="https://{instance}/api/v1/", profile_call="accounts/verify_credentials",
    register_url="https://{instance}/api/v1/apps",
    scopes=("profile",),
    revoke_url="https://{instance}/oauth/revoke",
    identity=fields(
        subject="id", username="username", name=("display_name", "username"), profile_url="url",
        image_url="avatar",
    ),
    email_trust="none", refreshes=False,
)
