"""OAuth 2.0 whose access token itself says, signed by the provider, who granted it.

There is no call that would. What the claims say of origin and time is checked as an ID token's is;
only what ties an ID token to one trip is missing, for which there is the code.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ProviderError
from ..http import Send
from ..values import Client, Token
from . import id_token, refreshing
from .base import read_or_refuse
from .id_token import Claims, Rules
from .identity import STEP, Profile
from .keys import Keys, fetched
from .oauth2 import OAuth2
from .refreshing import Known


@dataclass(frozen=True, kw_only=True)
class SelfContained(OAuth2):
    """A provider of OAuth 2.0 whose access tokens are signed claims."""

    jwks_url: str = ""
    """Where the keys stand that sign them."""
    algorithms: tuple[str, ...] = ("RS256",)
    """The only ones that they may be signed with."""
    issuer_aliases: tuple[str, ...] = ()
    """Other spellings of the issuer that they carry."""
    trusted_audiences: tuple[str, ...] = ()
    """Who may stand in ``aud`` beside this application."""

    def fetch_profile(self, client: Client, token: Token, send: Send) -> Profile:
        """The claims of the token."""
        rules = Rules(
            issuers=tuple(filter(None, (self.issuer, *self.issuer_aliases))),
            client_id=client.id,
            algorithms=self.algorithms,
            trusted_audiences=self.trusted_audiences,
            nonce=None,
            started_at=0,  # a provider may give the token again that it gave before
        )

        def read() -> Claims:
            return id_token.statement(token.access_token, rules, find)[0]

        def find(anew: bool) -> Keys:
            return self._keys(send, anew)

        return read_or_refuse(read, STEP, "bad_access_token")

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """As inherited, if the new access token is of the same person."""
        self._keys(send)  # in vain afterwards, the refresh token would be spent
        answer = super().refresh(client, token, known, send)
        if self.read_identity(client, answer, send).subject != known.subject:
            raise ProviderError(refreshing.STEP, refreshing.CHANGED, "the subject is another")
        return answer

    def _keys(self, send: Send, anew: bool = False) -> Keys:
        return fetched(self.api_address(self.jwks_url), send, anew)
