"""Facebook -- https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"""

import hmac

from ..http import Request
from ..protocols.credentials import bearer
from ..protocols.identity import fields
from ..protocols.long_lived import LongLived
from ..protocols.revoking import deleted_with
from ..values import Client, Token


def with_proof(request: Request, token: Token, client: Client) -> Request:
    """Every call proves that it comes from our server, as an application may require."""
    secret = (client.secret or "").encode()
    proof = hmac.digest(secret, token.access_token.encode(), "sha256").hex()
    return bearer(request, token, client).with_query(appsecret_proof=proof)


provider = LongLived(
    id="facebook", name="Facebook", color="#0866FF",
    console="https://developers.facebook.com/apps/",
    authorize_url="https://www.facebook.com/v24.0/dialog/oauth",
    token_url="https://graph.facebook.com/v24.0/oauth/access_token",
    api_url="https://graph.facebook.com/v24.0/",
    exchange_grant="fb_exchange_token",
    exchange_params={"fb_exchange_token": "{token}"},
    scopes=("public_profile", "email"), scope_separator=",",
    # It asks for the password again, but does not tell when it was given.
    reauth_params={"auth_type": "reauthenticate"},
    token_use=with_proof,
    revoke_url="me/permissions", shape_revoke=deleted_with(with_proof),
    profile_call="me?fields=id,name,email,link,picture.width(400).height(400)",
    # No flag tells whether the address was checked, so that none counts as verified.
    identity=fields(
        subject="id", name="name", email="email", profile_url="link", image_url="picture.data.url",
    ),
    email_trust="never", refreshes=False,
)
