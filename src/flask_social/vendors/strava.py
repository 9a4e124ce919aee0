"""stravalib, on a session of ours."""

from __future__ import annotations

import logging
from typing import Any

from stravalib import Client as Strava
from stravalib.protocol import ApiV3

from ..values import Client
from .sending import OurSession


def client(session: Any, connection: Any, client: Client) -> StravaClient:
    """A :class:`stravalib.Client` for the account.

    What the API refuses for now it raises; it does not sleep until it is allowed again.
    """
    return StravaClient(session)


class StravaClient(Strava):
    """A client with a protocol of ours, which the inherited one would make for itself."""

    def __init__(self, session: Any) -> None:
        self.log = logging.getLogger(f"{Strava.__module__}.{Strava.__name__}")
        self.protocol = OurProtocol(session)


class OurProtocol(ApiV3):
    """How stravalib sends; it knows nothing to refresh a token with."""

    def __init__(self, session: Any) -> None:
        super().__init__(requests_session=OurSession(session))
        self._below = session.base_url

    def _check_credentials(self) -> None:
        """Nothing, where the inherited one takes the application's keys from the environment."""

    def resolve_url(self, url: str) -> str:
        """*url* below the session's address."""
        return url if url.startswith("http") else self._below + url.strip("/")
