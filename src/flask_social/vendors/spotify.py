"""spotipy, on a session of ours."""

from __future__ import annotations

from typing import Any

from spotipy import Spotify

from ..values import Client
from .sending import OurSession, without


def client(session: Any, connection: Any, client: Client) -> Spotify:
    """A :class:`spotipy.Spotify` for the account."""
    made = Spotify(requests_session=OurSession(session), requests_timeout=None)
    made.prefix = without("/v1", session.base_url) + "/v1/"
    return made
