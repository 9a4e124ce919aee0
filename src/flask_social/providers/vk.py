"""VK -- https://dev.vk.com/api/access-token/authcode-flow-user

This serves applications that were registered before VK ID. New ones get keys for that alone: the
provider ``vkid``.
"""

from ..http import Get
from ..protocols.credentials import in_query
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Token

VERSION = "5.131"


def profile(get: Get, token: Token) -> Profile:
    """The list holds one person; the address comes with the token and nowhere else.

    An error comes with status 200 and no list, and is thus the answer of another shape that the
    caller refuses.
    """
    [person] = get("users.get?fields=screen_name,photo_200")["response"]
    return {**person, "email": token.raw.get("email")}


provider = OAuth2(
    id="vk", name="VK", color="#0077FF", console="https://id.vk.com/about/business/go",
    authorize_url="https://oauth.vk.com/authorize",
    token_url="https://oauth.vk.com/access_token",
    api_url="https://api.vk.com/method/",
    scopes=("email",), scope_separator=",",
    authorize_params={"v": VERSION},
    # Its API wants its version on every call.
    token_use=in_query("access_token", v=VERSION),
    assume_bearer=True,
    profile=profile,
    identity=fields(
        subject="id", username="screen_name", name="{first_name} {last_name}", email="email",
        profile_url="https://vk.com/id{id}", image_url="photo_200",
    ),
    email_trust="never", refreshes=False,
)
