"""Xiaomi -- https://dev.mi.com/docs/passport/oauth2/"""

from dataclasses import dataclass, replace
from typing import Any

from ..http import Response
from ..protocols.credentials import in_query
from ..protocols.identity import fields
from ..protocols.oauth2 import TOKEN_STEP, OAuth2
from ..values import Token


@dataclass(frozen=True, kw_only=True)
class Prefixed(OAuth2):
    """Its token answers begin with what is no JSON."""

    def read_token(self, response: Response, step: str = TOKEN_STEP) -> Token:
        body = response.body.removeprefix(b"&&&START&&&")
        json = {"content-type": "application/json"}
        return super().read_token(replace(response, body=body, headers=json), step)


def plain(answer: dict[str, Any]) -> dict[str, Any]:
    """It calls its tokens ``mac``, and takes them as they are."""
    return {**answer, "token_type": "Bearer"}


provider = Prefixed(
    id="xiaomi", name="Xiaomi", color="#FF6900", console="https://dev.mi.com/console/",
    authorize_url="https://account.xiaomi.com/oauth2/authorize",
    token_url="https://account.xiaomi.com/oauth2/token",
    api_url="https://open.account.xiaomi.com/", profile_call="user/profile",
    scopes=("1",),
    authorize_params={"skip_confirm": "false"},
    token_use=in_query("token", clientId="{client_id}"),
    shape_token=plain,
    # Its names are no ids.
    identity=fields(subject="data.unionId", name="data.miliaoNick", image_url="data.miliaoIcon"),
    email_trust="none",
)
