"""Lichess -- https://lichess.org/api#tag/OAuth

Nobody registers an application there: any ``consumer_key`` will do, and there is no secret.
"""

from ..protocols.calls import calls
from ..protocols.credentials import bearer, public
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import deleted_with

provider = OAuth2(
    id="lichess", name="Lichess", color="#000000",
    authorize_url="https://lichess.org/oauth",
    token_url="https://lichess.org/api/token",
    api_url="https://lichess.org/api/",
    scopes=("email:read",),
    client_auth=public,
    profile=calls("account", mailbox="account/email"),
    revoke_url="https://lichess.org/api/token", shape_revoke=deleted_with(bearer),
    identity=fields(
        subject="id", username="username", name=("profile.realName", "username"),
        email="mailbox.email", profile_url="url",
    ),
    # Most sign-ups have to confirm the address, those that look harmless need not.
    email_trust="never",
    refreshes=False,
)
