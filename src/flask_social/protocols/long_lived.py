"""OAuth 2.0 as Meta has it: no refresh tokens, but a token that is exchanged for one of 60 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from .. import clock
from ..errors import ProviderError
from ..http import Params, Request, Response, Send
from ..values import Client, Flow, Grant, Token
from . import refreshing
from .base import read_object
from .oauth2 import TOKEN_STEP, OAuth2
from .refreshing import Known

STEP = "exchanging the token"
SHORT = {"client_secret": "{client_secret}", "access_token": "{token}"}
NO_GOOD = 190
"""The code of Meta's errors about a token that has expired or was taken back."""


@dataclass(frozen=True, kw_only=True)
class LongLived(OAuth2):
    """A provider whose token is exchanged where OAuth 2.0 asks for a refresh token.

    That is when an account is connected; :attr:`offline` says otherwise, as always. Where the
    lasting token can be renewed, it is its own refresh token. That works only as long as it is
    good, so that it counts as due when half its life is over: whoever uses it once in the second
    half, or has ``flask social refresh`` run now and then, never has to consent again.
    """

    exchange_grant: str = ""
    """The ``grant_type`` that asks for the lasting token."""
    exchange_url: str = ""
    """Where a GET asks for it; without it, it is asked for like any token."""
    exchange_params: Mapping[str, str] = field(default_factory=lambda: dict(SHORT))
    """What comes with it. Places are filled from the client, and ``{token}``."""
    renewal_grant: str | None = None
    """The one by which a GET asks, at :attr:`refresh_url`, for the next one."""

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """As inherited, with the token exchanged for a lasting one where that is wanted."""
        endpoints = self.endpoints(send)
        answer = self.read_callback(endpoints, params)
        token = self.read_token(send(self.token_request(endpoints, client, flow, answer)))
        if self.wants_offline(flow):
            lasting = self.read_token(send(self._exchange(client, token)), STEP)
            token = self._lasting(refreshing.renewed(token, lasting))
        identity = self.identify(endpoints, client, flow, token, send)
        return Grant(provider_id=self.id, token=token, identity=identity)

    def read_token(self, response: Response, step: str = TOKEN_STEP) -> Token:
        """As inherited; a token of no use any more is the standard's ``invalid_grant``."""
        if response.status in (400, 401) and _error(response, step).get("code") == NO_GOOD:
            raise ProviderError(step, "invalid_grant", "the token has expired or was taken back")
        return super().read_token(response, step)

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """The lasting token that comes after *token*.

        :raises ProviderError: ``invalid_grant``, where none does: the person has to consent again.
        """
        if not self.renewal_grant:
            raise ProviderError(refreshing.STEP, "invalid_grant", "there is no way to renew it")
        told = {"grant_type": self.renewal_grant, "access_token": token.refresh_token or ""}
        request = _asking(self.refresh_url or "", refreshing.STEP).with_query(**told)
        answer = self.read_token(send(request), refreshing.STEP)
        return self._lasting(refreshing.renewed(token, answer))

    def _exchange(self, client: Client, token: Token) -> Request:
        """The request for the lasting token in place of *token*."""
        told = client.filled(self.exchange_params, token=token.access_token)
        told |= {"grant_type": self.exchange_grant}
        if self.exchange_url:
            return _asking(self.exchange_url, STEP).with_query(**told)
        return self._asking(replace(_asking(self.token_url, STEP), method="POST"), client, told)

    def _lasting(self, token: Token) -> Token:
        """*token*, due half-way through its life, where it can be renewed by itself."""
        if self.renewal_grant is None:
            return token
        now, expires_at = clock.now(), token.expires_at
        due = None if expires_at is None else (now + expires_at) // 2
        return replace(token, refresh_token=token.access_token, expires_at=due)

    def moved_to(self, base_url: str, played_as: str | None = None) -> Self:
        """As inherited."""
        moved = super().moved_to(base_url, played_as)
        url = f"{moved.played_at}/exchange" if self.exchange_url else ""
        return replace(moved, exchange_url=url)


def _asking(url: str, step: str) -> Request:
    return Request(url=url, purpose=step, headers={"Accept": "application/json"})


def _error(response: Response, step: str) -> dict[str, Any]:
    """Meta's error, an object; an empty one where there is none of that form."""
    try:
        error = read_object(response, step).get("error")
    except ProviderError:
        return {}
    return error if isinstance(error, dict) else {}
