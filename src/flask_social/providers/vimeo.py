"""Vimeo -- https://developer.vimeo.com/api/authentication"""

from ..protocols.credentials import basic, bearer
from ..protocols.identity import Profile, fields
from ..protocols.oauth2 import OAuth2
from ..protocols.revoking import deleted_with


def number(profile: Profile) -> str:
    """The last part of the path that stands for the person: ``/users/12345``."""
    found: str = profile["uri"]
    return found.removeprefix("/users/")


provider = OAuth2(
    id="vimeo", name="Vimeo", color="#1AB7EA", console="https://developer.vimeo.com/apps",
    authorize_url="https://api.vimeo.com/oauth/authorize",
    token_url="https://api.vimeo.com/oauth/access_token",
    api_url="https://api.vimeo.com/", profile_call="me",
    scopes=("public", "private"),
    headers={"Accept": "application/vnd.vimeo.*+json;version=3.4"},
    client_auth=basic,
    revoke_url="https://api.vimeo.com/tokens", shape_revoke=deleted_with(bearer),
    identity=fields(
        subject=number, name="name", profile_url="link", image_url="pictures.sizes[-1].link",
    ),
    email_trust="none", refreshes=False,
)
