"""DigitalOcean -- https://docs.digitalocean.com/reference/api/oauth/"""

from ..http import Request
from ..protocols.calls import beside_token
from ..protocols.credentials import bearer
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..values import Client, Token


def by_itself(request: Request, token: Token, client: Client) -> Request:
    """A token is revoked in its own name."""
    return bearer(request.with_form(token=token.access_token), token, client)


provider = OAuth2(
    id="digitalocean", name="DigitalOcean", color="#0080FF",
    console="https://cloud.digitalocean.com/account/api/applications",
    authorize_url="https://cloud.digitalocean.com/v1/oauth/authorize",
    token_url="https://cloud.digitalocean.com/v1/oauth/token",
    revoke_url="https://cloud.digitalocean.com/v1/oauth/revoke", shape_revoke=by_itself,
    api_url="https://api.digitalocean.com/v2/",
    scopes=("read",),
    # The token answer names the person also where the account is a team's.
    profile=beside_token("account"),
    identity=fields(
        subject="account.uuid", name=("token.info.name", "account.name"), email="account.email",
        email_verified="account.email_verified",
    ),
    email_trust="flag",
)
