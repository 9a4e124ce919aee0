"""Zotero -- https://www.zotero.org/support/dev/web_api/v3/oauth"""

from typing import Any

from ..protocols.calls import from_token
from ..protocols.identity import fields
from ..protocols.oauth1 import OAuth1
from ..values import Client


def api(session: Any, connection: Any, client: Client) -> Any:
    """Its API knows no signature: the secret of the token is the key to it."""
    session.headers["Zotero-API-Key"] = session.token().secret
    return session


provider = OAuth1(
    id="zotero", name="Zotero", color="#CC2936", console="https://www.zotero.org/oauth/apps",
    request_token_url="https://www.zotero.org/oauth/request",
    authorize_url="https://www.zotero.org/oauth/authorize",
    token_url="https://www.zotero.org/oauth/access",
    api_url="https://api.zotero.org/",
    # The least that a key can be for; the person may change it on the page.
    authorize_params={
        "library_access": "1", "notes_access": "0", "write_access": "0", "all_groups": "none",
    },
    profile=from_token,
    identity=fields(
        subject="userID", username="username", name="username",
        profile_url="https://www.zotero.org/{username}",
    ),
    email_trust="none",
    api=api,
)
