"""Naver -- https://developers.naver.com/docs/login/api/api.md

What a profile holds is chosen where the application is registered. The address is one to write to,
which nobody need have checked.
"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as

provider = OAuth2(
    id="naver", name="Naver", color="#03C75A", console="https://developers.naver.com/apps/",
    authorize_url="https://nid.naver.com/oauth2.0/authorize",
    token_url="https://nid.naver.com/oauth2.0/token",
    api_url="https://openapi.naver.com/v1/", profile_call="nid/me",
    token_params={"state": "{state}"},
    assume_bearer=True,
    revoke_url="https://nid.naver.com/oauth2.0/token", shape_revoke=access_token_as(
        "access_token", grant_type="delete", client_id="{client_id}",
        client_secret="{client_secret}", service_provider="NAVER",
    ),
    identity=fields(
        subject="response.id", name=("response.name", "response.nickname"), email="response.email",
        image_url="response.profile_image",
    ),
    email_trust="never",
)
