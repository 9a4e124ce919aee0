"""FreshBooks -- https://www.freshbooks.com/api/authentication"""

from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import as_json


def is_confirmed(profile: Profile) -> bool:
    """It tells when the person confirmed the address, and null before."""
    return bool(profile["response"].get("confirmed_at"))


provider = OAuth2(
    id="freshbooks", name="FreshBooks", color="#0075DD",
    console="https://my.freshbooks.com/#/developer",
    authorize_url="https://auth.freshbooks.com/oauth/authorize",
    token_url="https://api.freshbooks.com/auth/oauth/token",
    api_url="https://api.freshbooks.com/", profile_call="auth/api/v1/users/me",
    scopes=("user:profile:read",),
    shape_token_request=as_json,
    revoke_url="https://api.freshbooks.com/auth/oauth/revoke",
    identity=fields(
        subject="response.id", name="{response.first_name} {response.last_name}",
        email="response.email", email_verified=is_confirmed,
    ),
    email_trust="flag",
)
