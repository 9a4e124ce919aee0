"""Coursera -- https://tech.coursera.org/app-platform/oauth2/"""

from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2

provider = OAuth2(
    id="coursera", name="Coursera", color="#0056D2",
    authorize_url="https://accounts.coursera.org/oauth2/v1/auth",
    token_url="https://accounts.coursera.org/oauth2/v1/token",
    api_url="https://api.coursera.org/api/",
    scopes=("view_profile",),
    offline_params={"access_type": "offline"},
    assume_bearer=True,
    # Nothing but an id: it has no name to show.
    profile_call="externalBasicProfiles.v1?q=me",
    identity=fields(subject="elements[0].id"),
    email_trust="none",
)
