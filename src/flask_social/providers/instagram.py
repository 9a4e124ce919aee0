"""Instagram -- https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login

Professional accounts alone; of one that is connected the token is exchanged for one of 60 days.
"""

from typing import Any

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.long_lived import LongLived


def unwrapped(answer: dict[str, Any]) -> dict[str, Any]:
    """The token answer may come as the only member of a list."""
    [found] = answer.get("data", [answer])
    return dict(found)


provider = LongLived(
    id="instagram", name="Instagram", color="#FF0069",
    console="https://developers.facebook.com/apps/",
    authorize_url="https://www.instagram.com/oauth/authorize",
    token_url="https://api.instagram.com/oauth/access_token",
    api_url="https://graph.instagram.com/",
    exchange_url="https://graph.instagram.com/access_token",
    exchange_grant="ig_exchange_token",
    refresh_url="https://graph.instagram.com/refresh_access_token",
    renewal_grant="ig_refresh_token",
    scopes=("instagram_business_basic",), scope_separator=",",
    token_use=in_query("access_token"),
    assume_bearer=True,
    shape_token=unwrapped,
    profile_call="me?fields=id,user_id,username,name,account_type,profile_picture_url",
    identity=fields(
        subject="id", username="username", name=("name", "username"),
        profile_url="https://www.instagram.com/{username}/", image_url="profile_picture_url",
    ),
    email_trust="none",
)
