"""PyGithub, which asks for the token before each request and sends it by itself."""

from __future__ import annotations

from math import ceil
from typing import Any

from github import Github
from github.Auth import Auth

from ..values import Client


def client(session: Any, connection: Any, client: Client) -> Github:
    """A :class:`github.Github` at the session's address, GitHub's or an Enterprise server's.

    What the API refuses for now it raises; it does not sleep until it is allowed again.
    """
    return Github(
        base_url=session.base_url.rstrip("/"),
        timeout=ceil(session.seconds),
        retry=None,
        auth=FreshToken(session),
    )


class FreshToken(Auth):
    """What PyGithub takes for its authentication."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @property
    def token_type(self) -> str:
        return "Bearer"

    @property
    def token(self) -> str:
        """The access token as it is now."""
        access_token: str = self._session.token().access_token
        return access_token
