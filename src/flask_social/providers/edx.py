"""Open edX -- https://course-catalog-api-guide.readthedocs.io/en/latest/authentication/"""

from urllib.parse import quote

from ..http import Get
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """Who it is says one call, and what there is to tell of them another."""
    person = get("user/v1/me")
    account = get(f"user/v1/accounts/{quote(person['username'], safe='')}", absent=(403, 404))
    return {**(account or {}), **person}


provider = OAuth2(
    id="edx", name="Open edX", color="#02262B",
    console="https://{lms_host}/admin/oauth2_provider/application/",
    places={"lms_host": "courses.edx.org"},
    issuer="https://{lms_host}",
    authorize_url="https://{lms_host}/oauth2/authorize",
    token_url="https://{lms_host}/oauth2/access_token",
    api_url="https://{lms_host}/api/",
    scopes=("user_id", "profile", "email"),
    profile=profile,
    identity=fields(
        subject="username", username="username", name="name", email="email",
        image_url="profile_image.image_url_large",
    ),
    email_trust="never",
)
