"""Zoho -- https://www.zoho.com/accounts/protocol/oauth/web-server-applications.html

An account is at one of its data centres. Callbacks name it, from a list that is fixed here.
"""

from ..http import Request
from ..protocols.data_centres import DataCentres
from ..protocols.identity import fields
from ..values import Client, Token

HOSTS = "zoho.com zoho.eu zoho.in zoho.com.au zoho.jp zoho.com.cn zoho.sa zohocloud.ca"


def given_back(request: Request, token: Token, client: Client) -> Request:
    """It wants the refresh token in the query, which takes everything with it."""
    return request.with_query(token=token.refresh_token or token.access_token)


provider = DataCentres(
    id="zoho", name="Zoho", color="#E42527", console="https://api-console.zoho.com/",
    authorize_url="https://accounts.zoho.com/oauth/v2/auth",
    token_url="https://accounts.zoho.com/oauth/v2/token",
    api_url="https://accounts.zoho.com/", profile_call="oauth/user/info",
    centres=tuple(f"https://accounts.{each}" for each in HOSTS.split()),
    kept="accounts-server",
    scopes=("AaaServer.profile.Read",), scope_separator=",",
    offline_params={"access_type": "offline", "prompt": "consent"},
    assume_bearer=True,
    revoke_url="oauth/v2/token/revoke", shape_revoke=given_back,
    identity=fields(
        subject="ZUID", username="Display_Name", name=("{First_Name} {Last_Name}", "Display_Name"),
        email="Email",
    ),
    email_trust="never",
)
