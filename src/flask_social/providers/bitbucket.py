"""Bitbucket -- https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/"""

from ..protocols.calls import calls
from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import called

provider = OAuth2(
    id="bitbucket", name="Bitbucket", color="#0052CC",
    console="https://bitbucket.org/account/workspaces/",
    authorize_url="https://bitbucket.org/site/oauth2/authorize",
    token_url="https://bitbucket.org/site/oauth2/access_token",
    api_url="https://api.bitbucket.org/2.0/",
    scopes=("account", "email"),
    client_auth=basic,
    shape_token=called(scope="scopes"),
    profile=calls("user", emails="user/emails"),
    identity=fields(
        subject="uuid", username=("username", "nickname"), name="display_name",
        email="emails.values[is_primary=true].email",
        email_verified="emails.values[is_primary=true].is_confirmed", profile_url="links.html.href",
        image_url="links.avatar.href",
    ),
    email_trust="flag",
)
