"""Kakao -- https://developers.kakao.com/docs/latest/en/kakaologin/rest-api"""

from ..protocols.credentials import bearer
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2


def is_verified(profile: Profile) -> bool:
    """An address that another account has taken over was verified once, and is not valid now."""
    account = profile.get("kakao_account", {})
    return account.get("is_email_verified") is True and account.get("is_email_valid") is True


provider = OAuth2(
    id="kakao", name="Kakao", color="#FFCD00", console="https://developers.kakao.com/console/app",
    authorize_url="https://kauth.kakao.com/oauth/authorize",
    token_url="https://kauth.kakao.com/oauth/token",
    api_url="https://kapi.kakao.com/", profile_call="v2/user/me",
    scopes=("profile_nickname", "profile_image", "account_email"), scope_separator=",",
    # Logging out would end the token alone; this takes back what the person permitted.
    revoke_url="https://kapi.kakao.com/v1/user/unlink",
    shape_revoke=bearer,
    identity=fields(
        subject="id", name=("kakao_account.name", "kakao_account.profile.nickname"),
        email="kakao_account.email", email_verified=is_verified,
        image_url="kakao_account.profile.profile_image_url",
    ),
    email_trust="flag",
)
