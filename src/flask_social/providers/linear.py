"""Linear -- https://linear.app/developers/oauth-2-0-authentication"""

from ..protocols.calls import graphql
from ..protocols.credentials import bearer
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="linear", name="Linear", color="#5E6AD2",
    console="https://linear.app/settings/api/applications/new",
    authorize_url="https://linear.app/oauth/authorize",
    token_url="https://api.linear.app/oauth/token",
    api_url="https://api.linear.app/",
    scopes=("read",), scope_separator=",",
    profile=graphql(
        "graphql", "query { viewer { id name displayName email avatarUrl url active } }",
    ),
    revoke_url="https://api.linear.app/oauth/revoke", shape_revoke=bearer,
    identity=fields(
        subject="viewer.id", username="viewer.displayName", name="viewer.name",
        email="viewer.email", profile_url="viewer.url", image_url="viewer.avatarUrl",
    ),
    email_trust="never", refreshes=None,
)
