"""python-gitlab, on a session of ours."""

from __future__ import annotations

from typing import Any

from gitlab import Gitlab

from ..values import Client
from .sending import OurSession, without


def client(session: Any, connection: Any, client: Client) -> GitlabClient:
    """A :class:`gitlab.Gitlab` for the account, at the instance that the session is at.

    What the instance refuses for now it raises; it does not sleep until it is allowed again,
    unless a call says ``obey_rate_limit=True``.
    """
    return GitlabClient(session)


class GitlabClient(Gitlab):
    """A client that does not wait unless it is told to."""

    def __init__(self, session: Any) -> None:
        url = without("/api/v4", session.base_url)
        super().__init__(url=url, session=OurSession(session), keep_base_url=True)

    def http_request(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("obey_rate_limit", False)
        return super().http_request(*args, **kwargs)
