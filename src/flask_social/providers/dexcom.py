"""Dexcom -- https://developer.dexcom.com/docs/dexcom/authentication"""

from ..http import Get
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..protocols.refreshing import claims_of
from ..values import Token


def profile(get: Get, token: Token) -> Profile:
    """Only the access token says whose it is, signed by a key that nobody else is shown.

    It has come from Dexcom itself, over TLS, which vouches for it as well.
    """
    return claims_of(token.access_token)


provider = OAuth2(
    id="dexcom", name="Dexcom", console="https://developer.dexcom.com/",
    # For trying it out: sandbox-api.dexcom.com.
    places={"host": "api.dexcom.com"},
    authorize_url="https://{host}/v2/oauth2/login",
    token_url="https://{host}/v2/oauth2/token",
    api_url="https://{host}/v3/",
    # It has no other.
    scopes=("offline_access",),
    profile=profile,
    identity=fields(subject="sub"),
    email_trust="none",
)
