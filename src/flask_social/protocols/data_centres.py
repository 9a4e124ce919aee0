"""OAuth 2.0 of a provider in several data centres: the callback names the one that has the code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from ..errors import ProviderError
from ..http import Params, Request, Send
from ..values import Client, Flow, Grant, Token
from .oauth2 import CALLBACK_STEP, OAuth2
from .refreshing import Known

ADDRESSES = ("token_url", "api_url", "refresh_url", "revoke_url")


@dataclass(frozen=True, kw_only=True)
class DataCentres(OAuth2):
    """A provider that is spoken to at the centre that the parameter :attr:`kept` names.

    Only one of its own counts: whoever could name another would be sent the client's secret.
    """

    centres: tuple[str, ...] = ()
    """Their addresses, without a path. The provider's own addresses are at the first."""

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """As inherited, at the centre that the callback names."""
        there = self.at(params.get(self.kept or ""))
        return super(DataCentres, there).complete(client, flow, params, send)

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """As inherited, at the centre that gave the token."""
        return super(DataCentres, self.at(token.secret)).refresh(client, token, known, send)

    def revocation(self, client: Client, token: Token, send: Send) -> Request | None:
        """As inherited, at the centre that gave the token."""
        return super(DataCentres, self.at(token.secret)).revocation(client, token, send)

    def api_home(self, token: Token) -> str:
        """As inherited, at the centre that gave the token."""
        return self.at(token.secret).api_url

    def at(self, centre: str | None) -> Self:
        """The same provider at *centre*. A sandbox plays all of them at one place.

        :raises ProviderError: when it is none of the provider's.
        """
        if centre is None:
            return self
        if centre not in self.centres:
            raise ProviderError(CALLBACK_STEP, "wrong_server", "it is no centre of the provider")
        first = self.centres[0]
        moved = {
            name: centre + url.removeprefix(first)
            for name in ADDRESSES
            if (url := getattr(self, name)) and url.startswith(f"{first}/")
        }
        return replace(self, **moved)
