"""Basecamp -- https://github.com/basecamp/api/blob/master/sections/authentication.md"""

from ..http import Request
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2


def typed(request: Request) -> Request:
    """A word of its own says whether a first token is asked for, or a fresh one."""
    again = (request.form or {})["grant_type"] == "refresh_token"
    return request.with_form(type="refresh" if again else "web_server")


provider = OAuth2(
    id="basecamp", name="Basecamp", color="#1D2D35",
    console="https://launchpad.37signals.com/integrations",
    authorize_url="https://launchpad.37signals.com/authorization/new",
    authorize_params={"type": "web_server"},
    token_url="https://launchpad.37signals.com/authorization/token",
    shape_token_request=typed,
    # The API of an account is below its number, which the profile lists among the accounts.
    api_url="https://3.basecampapi.com/",
    assume_bearer=True,
    profile_call="https://launchpad.37signals.com/authorization.json",
    identity=fields(
        subject="identity.id", name="{identity.first_name} {identity.last_name}",
        email="identity.email_address",
    ),
    email_trust="never",
)
