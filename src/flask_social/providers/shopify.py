"""Shopify -- https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant

Its tokens are one person's. With ``"authorize_params": {"grant_options[]": None}`` they are the
shop's own; add ``"token_params": {"expiring": "1"}`` to have those expire, and refreshed.
"""

from ..protocols.calls import beside_token
from ..protocols.credentials import in_header
from ..protocols.identity import fields
from ..protocols.revoking import deleted_with
from ..protocols.signed_callback import SignedCallback

with_token = in_header("X-Shopify-Access-Token")

provider = SignedCallback(
    id="shopify", name="Shopify", color="#7AB55C", console="https://partners.shopify.com/",
    places={"version": "2025-10"},
    instance="https://{shop}.myshopify.com",
    instance_pattern=r"https://[a-z0-9][a-z0-9-]*\.myshopify\.com",
    authorize_url="https://{shop}.myshopify.com/admin/oauth/authorize",
    token_url="https://{shop}.myshopify.com/admin/oauth/access_token",
    api_url="https://{shop}.myshopify.com/admin/api/{version}/",
    scopes=("read_products",), scope_separator=",",
    authorize_params={"grant_options[]": "per-user"},
    token_use=with_token,
    assume_bearer=True,
    profile=beside_token("shop.json"),
    revoke_url="https://{shop}.myshopify.com/admin/api_permissions/current.json",
    shape_revoke=deleted_with(with_token),
    identity=fields(
        # A shop and a person may have one number.
        subject=("token.associated_user.id", "shop-{shop.id}"),
        name=("{token.associated_user.first_name} {token.associated_user.last_name}", "shop.name"),
        email="token.associated_user.email",
        email_verified="token.associated_user.email_verified",
        profile_url="https://{shop.myshopify_domain}",
    ),
    email_trust="flag", refreshes=None,
)
