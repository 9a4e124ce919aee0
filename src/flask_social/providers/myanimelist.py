"""MyAnimeList -- https://myanimelist.net/apiconfig/references/authorization"""

from dataclasses import dataclass

from ..protocols.credentials import basic
from ..protocols.identity import fields
from ..protocols.oauth2 import OAuth2
from ..values import Client, Flow


@dataclass(frozen=True, kw_only=True)
class PlainChallenge(OAuth2):
    """It wants PKCE, and knows but the method ``plain``, by which the verifier is no secret."""

    def authorization_request(self, client: Client, flow: Flow) -> tuple[Flow, dict[str, str]]:
        flow, params = super().authorization_request(client, flow)
        plain = {"code_challenge": flow.code_verifier, "code_challenge_method": "plain"}
        return flow, params | plain


provider = PlainChallenge(
    id="myanimelist", name="MyAnimeList", color="#2E51A2",
    console="https://myanimelist.net/apiconfig",
    authorize_url="https://myanimelist.net/v1/oauth2/authorize",
    token_url="https://myanimelist.net/v1/oauth2/token",
    api_url="https://api.myanimelist.net/v2/", profile_call="users/@me",
    client_auth=basic, assume_bearer=True,
    identity=fields(
        subject="id", username="name", name="name",
        profile_url="https://myanimelist.net/profile/{name}", image_url="picture",
    ),
    email_trust="none",
)
