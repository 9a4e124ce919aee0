"""Bungie -- https://github.com/Bungie-net/api/wiki/OAuth-Documentation"""

from ..protocols.calls import beside_token
from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="bungie", name="Bungie", color="#0075BB", console="https://www.bungie.net/en/Application",
    authorize_url="https://www.bungie.net/en/oauth/authorize",
    token_url="https://www.bungie.net/platform/app/oauth/token/",
    api_url="https://www.bungie.net/Platform/",
    credentials=("api_key",),
    headers={"X-API-Key": "{api_key}"},
    client_auth=basic,
    profile=beside_token("User/GetMembershipsForCurrentUser/"),
    identity=fields(
        subject=("token.membership_id", "Response.bungieNetUser.membershipId"),
        username="Response.bungieNetUser.uniqueName", name="Response.bungieNetUser.displayName",
        image_url="https://www.bungie.net{Response.bungieNetUser.profilePicturePath}",
    ),
    email_trust="none",
)
