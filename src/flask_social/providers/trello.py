"""Trello -- https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/"""

from ..protocols.identity import fields
from ..protocols.oauth1 import OAuth1
from ..protocols.revoking import deleted_by_name

provider = OAuth1(
    id="trello", name="Trello", color="#0052CC", console="https://trello.com/power-ups/admin",
    request_token_url="https://trello.com/1/OAuthGetRequestToken",
    authorize_url="https://trello.com/1/OAuthAuthorizeToken",
    token_url="https://trello.com/1/OAuthGetAccessToken",
    api_url="https://api.trello.com/1/",
    # The scope account is for the address. Tokens end after 30 days unless "expiration" says
    # "never"; "name" is what people are told of the application.
    authorize_params={"scope": "read,account"},
    profile_call="members/me?fields=id,username,fullName,email,avatarUrl,url",
    revoke_url="tokens",
    shape_revoke=deleted_by_name(key="{client_id}", token="{token}"),
    identity=fields(
        subject="id", username="username", name="fullName", email="email", profile_url="url",
        image_url="{avatarUrl}/170.png",
    ),
    email_trust="never",
)
