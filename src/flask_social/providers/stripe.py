"""Stripe -- https://docs.stripe.com/connect/oauth-reference"""

from dataclasses import dataclass

from ..http import Request, Send
from ..protocols.base import read_by_hook
from ..protocols.credentials import bearer, public, secret_alone
from ..protocols.identity import fields, read_subject
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import STEP, asked_at
from ..values import Client, Token


@dataclass(frozen=True, kw_only=True)
class ByAccount(OAuth2):
    """What is taken back is an account's consent, and a token tells which account it is of."""

    def revocation(self, client: Client, token: Token, send: Send) -> Request | None:
        told = self.reader(client, token, send)("account")
        account = read_by_hook(lambda: read_subject(told["id"]), STEP)
        asked = asked_at(self.revoke_url or "").with_form(stripe_user_id=account)
        return bearer(public(asked, client, ""), Token(access_token=client.secret or ""), client)


provider = ByAccount(
    id="stripe", name="Stripe", color="#635BFF",
    console="https://dashboard.stripe.com/settings/connect",
    authorize_url="https://connect.stripe.com/oauth/authorize",
    token_url="https://connect.stripe.com/oauth/token",
    api_url="https://api.stripe.com/v1/",
    scopes=("read_write",),
    # It is the platform's API key.
    client_auth=secret_alone,
    profile_call="accounts/{token.stripe_user_id}",
    revoke_url="https://connect.stripe.com/oauth/deauthorize",
    # Who signs in is a business.
    identity=fields(
        subject="id", name=("business_profile.name", "settings.dashboard.display_name"),
        email="email", profile_url="business_profile.url",
    ),
    email_trust="never",
)
