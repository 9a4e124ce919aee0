"""Untappd -- https://untappd.com/api/docs#authentication"""

from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..protocols.shaping import nested

provider = OAuth2(
    id="untappd", name="Untappd", color="#FFC000", console="https://untappd.com/api/dashboard",
    authorize_url="https://untappd.com/oauth/authenticate/",
    token_url="https://untappd.com/oauth/authorize/",
    api_url="https://api.untappd.com/v4/", profile_call="user/info/",
    # It wants to be told which application calls.
    headers={"User-Agent": "Flask-Social ({client_id})"},
    renames={"redirect_uri": "redirect_url"},
    token_method="GET",
    token_params={"response_type": "code"},
    shape_token=nested("response"),
    token_use=in_query("access_token"),
    assume_bearer=True,
    identity=fields(
        subject="response.user.uid", username="response.user.user_name",
        name="{response.user.first_name} {response.user.last_name}",
        email="response.user.settings.email_address", profile_url="response.user.untappd_url",
        image_url="response.user.user_avatar",
    ),
    email_trust="never", refreshes=False,
)
