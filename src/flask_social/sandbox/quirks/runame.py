"""eBay: a name in place of the redirect URI."""

from __future__ import annotations

from ..answers import OAuthError
from ..provider import Client, Provider
from .base import Quirk


class RuName(Quirk):
    """``redirect_uri`` is the RuName that stands for the address which the client registered."""

    def address(self, provider: Provider, client: Client, redirect_uri: str) -> str:
        if "/" in redirect_uri or not redirect_uri:
            raise OAuthError("invalid_request", "redirect_uri is a RuName here, no address")
        if not client.redirect_uris:
            raise OAuthError("invalid_request", "no address is registered for this RuName")
        return client.redirect_uris[0]
