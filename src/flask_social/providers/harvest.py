"""Harvest -- https://help.getharvest.com/api-v2/authentication-api/authentication/authentication/

Each call of its API names an account, in the header ``Harvest-Account-Id``.
"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="harvest", name="Harvest", color="#FA5D00", console="https://id.getharvest.com/developers",
    authorize_url="https://id.getharvest.com/oauth2/authorize",
    token_url="https://id.getharvest.com/api/v2/oauth2/token",
    api_url="https://api.harvestapp.com/v2/",
    profile_call="https://id.getharvest.com/api/v2/accounts",
    identity=fields(
        subject="user.id", name="{user.first_name} {user.last_name}", email="user.email",
    ),
    email_trust="never",
)
