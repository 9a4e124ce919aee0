"""Steam -- https://partner.steamgames.com/doc/features/auth#website

``consumer_secret`` is the Web API key, which its profiles are asked for with. Nothing else is
registered there.
"""

from ..http import Request
from ..protocols.calls import beside_token
from ..protocols.identity import fields
from ..protocols.openid2 import OpenID2
from ..values import Client, Token


def with_key(request: Request, token: Token, client: Client) -> Request:
    """Its API knows applications, by their key, and not people."""
    return request.with_query(key=client.secret or "")


provider = OpenID2(
    id="steam", name="Steam", color="#000000", console="https://steamcommunity.com/dev/apikey",
    proofs=("consumer_secret",),
    authorize_url="https://steamcommunity.com/openid/login",
    claimed_id=r"https://steamcommunity\.com/openid/id/([0-9]+)",
    api_url="https://api.steampowered.com/",
    token_use=with_key,
    profile=beside_token("ISteamUser/GetPlayerSummaries/v0002/?steamids={token.subject}"),
    identity=fields(
        subject="token.subject",
        name=("response.players[0].personaname", "response.players[0].realname"),
        profile_url="response.players[0].profileurl", image_url="response.players[0].avatarfull",
    ),
    email_trust="none",
)
