"""Podio -- https://developers.podio.com/authentication"""

from ..protocols.credentials import scheme
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2


def is_verified(profile: Profile) -> bool:
    """The flag stands in the list of all addresses, beside the one that counts."""
    user = profile["user"]
    mails = [each for each in user.get("mails", ()) if each.get("mail") == user.get("mail")]
    return any(each.get("verified") is True for each in mails)


provider = OAuth2(
    id="podio", name="Podio", console="https://podio.com/settings/api",
    authorize_url="https://podio.com/oauth/authorize",
    token_url="https://podio.com/oauth/token",
    api_url="https://api.podio.com/", profile_call="user/status",
    scopes=("global:all",),
    token_use=scheme("OAuth2"),
    identity=fields(
        subject="user.user_id", name="profile.name", email="user.mail", email_verified=is_verified,
        profile_url="profile.link",
    ),
    email_trust="flag",
)
