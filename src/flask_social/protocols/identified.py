"""OAuth 1.0a whose profile is a statement, signed with the consumer's secret.

The statement repeats the nonce of the request that asked for it, and names the consumer: it is of
no use to anybody else, nor a second time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import ProviderError
from ..http import Request, Send
from ..values import Client, Token
from . import id_token
from .base import read_or_refuse
from .id_token import Claims, Rules
from .identity import STEP, Profile
from .oauth1 import OAuth1

NONCE = re.compile(r'oauth_nonce="([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class Identified(OAuth1):
    """A provider of OAuth 1.0a that answers *profile_call* with signed claims."""

    signed_as: str = ""
    """What it calls itself in ``iss``."""

    def fetch_profile(self, client: Client, token: Token, send: Send) -> Profile:
        """The claims, once origin, time and nonce are checked."""
        url = self.api_address(self.profile_call or "")
        headers = {"User-Agent": "Flask-Social"}
        asked = Request(url=url, purpose=STEP, headers=headers)
        asked = self.as_person(asked, token, client)
        response = send(asked)
        if response.status != 200:
            raise ProviderError(STEP, "bad_answer", f"status {response.status}")
        [nonce] = NONCE.findall(asked.headers["Authorization"])
        rules = Rules(
            issuers=tuple(filter(None, (self.signed_as,))),
            client_id=client.id,
            client_secret=client.secret,
            algorithms=("HS256",),
            nonce=nonce,
            started_at=0,  # the nonce is of now
        )

        def read() -> Claims:
            statement = response.body.decode("ascii").strip()
            return id_token.statement(statement, rules, lambda anew: ())[0]

        return read_or_refuse(read, STEP)
