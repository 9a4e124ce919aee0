"""Gitee -- https://gitee.com/api/v5/oauth_doc"""

from ..http import Get
from ..protocols.calls import FORBIDDEN
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """Addresses are a second call away, each with what it is for and whether it is confirmed.

    The public one of the profile carries no flag and counts for nothing.
    """
    found = {**get("user"), "email": None}
    for each in get("emails", absent=FORBIDDEN) or []:
        if "primary" in each["scope"]:
            found |= {"email": each.get("email"), "confirmed": each["state"] == "confirmed"}
    return found


provider = OAuth2(
    id="gitee", name="Gitee", color="#C71D23", console="https://gitee.com/oauth/applications",
    authorize_url="https://gitee.com/oauth/authorize",
    token_url="https://gitee.com/oauth/token",
    api_url="https://gitee.com/api/v5/",
    scopes=("user_info", "emails"),
    profile=profile,
    identity=fields(
        subject="id", username="login", name="name", email="email", email_verified="confirmed",
        profile_url="html_url", image_url="avatar_url",
    ),
    email_trust="flag",
)
