"""Phabricator -- https://secure.phabricator.com/book/phabcontrib/article/using_oauthserver/"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="phabricator", name="Phabricator", color="#4A5F88", console="https://{host}/oauthserver/",
    issuer="https://{host}",
    authorize_url="https://{host}/oauthserver/auth/",
    token_url="https://{host}/oauthserver/token/",
    api_url="https://{host}/api/", profile_call="user.whoami",
    token_use=in_query("access_token"),
    assume_bearer=True,
    identity=fields(
        subject="result.phid", username="result.userName", name="result.realName",
        email="result.primaryEmail", profile_url="result.uri", image_url="result.image",
    ),
    email_trust="never", refreshes=False,
)
