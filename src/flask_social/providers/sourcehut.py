"""SourceHut -- https://man.sr.ht/meta.sr.ht/oauth.md"""

from ..protocols.calls import graphql
from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="sourcehut", name="SourceHut", color="#000000", console="https://meta.sr.ht/oauth2",
    authorize_url="https://meta.sr.ht/oauth2/authorize",
    token_url="https://meta.sr.ht/oauth2/access-token",
    api_url="https://meta.sr.ht/",
    scopes=("meta.sr.ht/PROFILE:RO",),
    client_auth=basic,
    profile=graphql("query", "{ me { id username canonicalName email } }"),
    identity=fields(
        subject="me.id", username="me.username", name="me.canonicalName", email="me.email",
        profile_url="https://sr.ht/~{me.username}/",
    ),
    # An account begins with the confirmation of its address.
    email_trust="always",
    refreshes=False,
)
