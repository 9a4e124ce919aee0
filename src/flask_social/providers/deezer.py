"""Deezer -- https://developers.deezer.com/api/oauth"""

from ..protocols.callback_words import CallbackWords
from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.shaping import called

provider = CallbackWords(
    id="deezer", name="Deezer", color="#A238FF", console="https://developers.deezer.com/myapps",
    authorize_url="https://connect.deezer.com/oauth/auth.php",
    token_url="https://connect.deezer.com/oauth/access_token.php",
    api_url="https://api.deezer.com/", profile_call="user/me",
    scopes=("basic_access", "email"), scope_separator=",",
    # There are no refresh tokens; with it the token does not expire.
    offline_scopes=("offline_access",),
    renames={"client_id": "app_id", "client_secret": "secret", "scope": "perms"},
    callback_words={"error": "error_reason"},
    token_method="GET",
    token_params={"output": "json"},
    shape_token=called(expires_in="expires"),
    token_use=in_query("access_token"),
    assume_bearer=True,
    identity=fields(
        subject="id", username="name", name=("{firstname} {lastname}", "name"), email="email",
        profile_url="link", image_url=("picture_big", "picture"),
    ),
    email_trust="never", refreshes=False,
)
