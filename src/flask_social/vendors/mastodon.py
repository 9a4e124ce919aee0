"""Mastodon.py, on a session of ours."""

from __future__ import annotations

from typing import Any

from mastodon import Mastodon

from ..values import Client
from .sending import OurSession, without


def client(session: Any, connection: Any, client: Client) -> MastodonClient:
    """A :class:`mastodon.Mastodon` for the account, at the instance that the session is at.

    What the instance refuses for now it raises; it does not sleep until it is allowed again.
    """
    return MastodonClient(session)


class MastodonClient(Mastodon):
    """A client whose token is asked for whenever a method is called."""

    def __init__(self, session: Any) -> None:
        super().__init__(
            api_base_url=without("/api/v1", session.base_url),
            session=OurSession(session),
            request_timeout=None,
            ratelimit_method="throw",
        )
        self._ours = session

    @property
    def access_token(self) -> str | None:
        """The access token as it is now.

        None while the client is made, which looks for a file of the token's name.
        """
        ours = self.__dict__.get("_ours")
        return None if ours is None else ours.token().access_token

    @access_token.setter
    def access_token(self, value: object) -> None:
        """Nothing: there is no other token than the connection's."""

    def __repr__(self) -> str:
        return f"<MastodonClient {self.api_base_url}>"
