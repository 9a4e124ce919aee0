"""Auth0 -- https://auth0.com/docs/get-started/authentication-and-authorization-flow/authorization-code-flow"""

from ..protocols.oidc import OIDC, claims

provider = OIDC(
    id="auth0", name="Auth0", color="#EB5424", console="https://manage.auth0.com/",
    issuer="https://{domain}/",
    api_url="https://{domain}/api/v2/",
    offline_scopes=("offline_access",),
    revoke_url="https://{domain}/oauth/revoke",
    identity=claims(username="nickname"),
)
