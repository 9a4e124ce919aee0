"""Box -- https://developer.box.com/guides/authentication/oauth2/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="box", name="Box", color="#0061D5", console="https://app.box.com/developers/console",
    authorize_url="https://account.box.com/api/oauth2/authorize",
    token_url="https://api.box.com/oauth2/token",
    api_url="https://api.box.com/2.0/", profile_call="users/me",
    revoke_url="https://api.box.com/oauth2/revoke",
    # The login is an address; the picture is shown to nobody who is not signed in at Box.
    identity=fields(subject="id", name="name", email="login"),
    email_trust="never",
)
