"""Yandex -- https://yandex.com/dev/id/doc/en/

It does not say whether an address was checked. Most are mailboxes of its own; who trusts it in
that says ``"email_trust": "always"``.
"""

from ..protocols.credentials import basic, scheme
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import access_token_as


def picture(profile: Profile) -> str | None:
    """The picture of a person who has one: a flag tells it from that of nobody."""
    own = None if profile.get("is_avatar_empty") else profile.get("default_avatar_id")
    return f"https://avatars.yandex.net/get-yapic/{own}/islands-200" if own else None


provider = OAuth2(
    id="yandex", name="Yandex", color="#FF0000", console="https://oauth.yandex.com/",
    authorize_url="https://oauth.yandex.com/authorize",
    token_url="https://oauth.yandex.com/token",
    revoke_url="https://oauth.yandex.com/revoke_token", shape_revoke=access_token_as(
        "access_token", client_id="{client_id}", client_secret="{client_secret}",
    ),
    api_url="https://login.yandex.ru/", profile_call="info?format=json",
    scopes=("login:info", "login:email", "login:avatar"),
    client_auth=basic,
    token_use=scheme("OAuth"),
    identity=fields(
        subject="id", username="login", name=("real_name", "display_name"),
        email=("default_email", "emails[0]"), image_url=picture,
    ),
    email_trust="never",
)
