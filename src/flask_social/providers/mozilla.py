"""Mozilla accounts -- https://mozilla.github.io/ecosystem-platform/relying-parties/tutorials/integration-with-fxa"""

from ..http import Request
from ..protocols.oidc import OIDC, claims
from ..protocols.shaping import as_json
from ..values import Client, Token


def token_as_json(request: Request, token: Token, client: Client) -> Request:
    """Revocation takes the token alone, as JSON."""
    return as_json(request.with_form(token=token.access_token))


provider = OIDC(
    id="mozilla", name="Mozilla accounts", color="#FF7139",
    issuer="https://accounts.firefox.com",
    api_url="https://profile.accounts.firefox.com/v1/",
    scopes=("profile",),
    offline_params={"access_type": "offline"},
    shape_token_request=as_json,
    revoke_url="https://oauth.accounts.firefox.com/v1/destroy",
    shape_revoke=token_as_json,
    identity=claims(name="displayName", image_url="avatar"),
    email_trust="always",
)
