"""Evernote -- https://dev.evernote.com/doc/articles/authentication.php"""

import re
from dataclasses import dataclass, replace

from ..errors import Denied
from ..http import Params, Response
from ..protocols.calls import from_token
from ..protocols.identity import fields
from ..protocols.oauth1 import OAuth1
from ..values import Flow, Token


@dataclass(frozen=True, kw_only=True)
class EmptySecret(OAuth1):
    """Its tokens have an empty secret and end after a year, of which it tells in milliseconds."""

    def read_callback(self, flow: Flow, params: Params) -> str:
        """As inherited; who pressed cancel comes back without a verifier."""
        if params.get("oauth_token") == flow.request_token and "oauth_verifier" not in params:
            raise Denied("denied")
        return super().read_callback(flow, params)

    def read_token(self, response: Response) -> Token:
        """As inherited, with the secret as empty as it came."""
        body = (response.body + b"&").replace(b"_secret=&", b"_secret=none&")
        token = super().read_token(replace(response, body=body))
        ends = re.fullmatch(r"([0-9]{1,11})[0-9]{3}", token.raw.get("edam_expires", ""), re.ASCII)
        return replace(token, secret="", expires_at=int(ends[1]) if ends else None)


provider = EmptySecret(
    id="evernote", name="Evernote", color="#00A82D", console="https://dev.evernote.com/",
    request_token_url="https://www.evernote.com/oauth",
    authorize_url="https://www.evernote.com/OAuth.action",
    token_url="https://www.evernote.com/oauth",
    request_token_method="GET",
    token_method="GET",
    api_url="https://www.evernote.com/",
    profile=from_token,
    identity=fields(subject="edam_userId"),
    email_trust="none",
)
