"""hikari's client of Discord's REST API, which asks for the token before each request.

It is for asynchronous code: ``async with social.discord.get_api() as discord: ...``.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from hikari.api import RESTClient, TokenStrategy
from hikari.applications import TokenType
from hikari.impl import HTTPSettings, HTTPTimeoutSettings, RESTApp

from ..values import Client, Secret


def client(session: Any, connection: Any, client: Client) -> DiscordApi:
    """What opens a :class:`hikari.api.RESTClient` for the account."""
    return DiscordApi(session)


class DiscordApi:
    """A client for the time of an ``async with`` block, in the loop that runs it.

    What the API refuses for now it raises; it does not sleep until it is allowed again.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._open = AsyncExitStack()

    async def __aenter__(self) -> RESTClient:
        seconds = self._session.seconds
        app = RESTApp(
            url=self._session.base_url.rstrip("/"),
            http_settings=HTTPSettings(timeouts=HTTPTimeoutSettings(total=seconds)),
            max_rate_limit=0,
            max_retries=0,
        )
        await app.start()
        self._open.push_async_callback(app.close)
        client = app.acquire(FreshToken(self._session))
        client.start()
        self._open.push_async_callback(client.close)
        return client

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def __repr__(self) -> str:
        return f"<DiscordApi {self._session!r}>"


class FreshToken(TokenStrategy):
    """What hikari asks for a token, and tells which one Discord has refused."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._refused: str | None = None

    @property
    def token_type(self) -> TokenType:
        return TokenType.BEARER

    async def acquire(self, client: object) -> str:
        """The access token as it is now, with its type before it."""
        token = self._session.token()
        if token.access_token == self._refused:
            token = self._session.renewed(token.access_token)
        return f"Bearer {token.access_token}"

    def invalidate(self, token: str | None) -> None:
        """Note the token, with its type before it, that is not good any more."""
        self._refused = Secret(token.removeprefix("Bearer ")) if token else None
