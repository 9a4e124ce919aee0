"""Clever -- https://dev.clever.com/docs/oauth-oidc-overview"""

from urllib.parse import quote

from ..http import Get
from ..protocols.credentials import basic
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """One call says who it is, and no more than the id; another tells of them."""
    return get(f"users/{quote(get('me')['data']['id'], safe='')}")


provider = OAuth2(
    id="clever", name="Clever", console="https://apps.clever.com/",
    authorize_url="https://clever.com/oauth/authorize",
    token_url="https://clever.com/oauth/tokens",
    api_url="https://api.clever.com/v3.0/",
    scopes=("read:user_id",),
    client_auth=basic, assume_bearer=True,
    profile=profile,
    identity=fields(
        subject="data.id", name="{data.name.first} {data.name.last}", email="data.email",
    ),
    # The addresses are those that the school has in its directory.
    email_trust="always",
    refreshes=False,
)
