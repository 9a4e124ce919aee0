"""QuickBooks -- https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/openid-connect"""

from typing import Any

from ..http import Request
from ..protocols.credentials import basic
from ..protocols.identity import claims
from ..protocols.oidc import OIDC
from ..protocols.shaping import as_json
from ..values import Client, Token


def of_the_company(session: Any, connection: Any, client: Client) -> Any:
    """Its API is one company's, whose id the callback brought and the token's secret keeps."""
    company = session.token().secret or ""
    if company.isdecimal():  # the callback brought it, so that it may be anything
        session.base_url += f"{company}/"
    return session


def given_back(request: Request, token: Token, client: Client) -> Request:
    """It takes the token in JSON, and who asks in the header."""
    request = as_json(request.with_form(token=token.refresh_token or token.access_token))
    return basic(request, client, request.url)


provider = OIDC(
    id="quickbooks", name="QuickBooks", color="#2CA01C",
    console="https://developer.intuit.com/app/developer/myapps",
    issuer="https://oauth.platform.intuit.com/op/v1",
    discovery_url="https://developer.api.intuit.com/.well-known/openid_configuration",
    api_url="https://quickbooks.api.intuit.com/v3/company/",
    api=of_the_company,
    kept="realmId",
    scopes=("openid", "profile", "email", "com.intuit.quickbooks.accounting"),
    client_auth=basic,
    userinfo=True,
    revoke_url="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
    shape_revoke=given_back,
    identity=claims(name="{givenName} {familyName}", email_verified="emailVerified"),
)
