"""Dropbox's own client, on a session of ours."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from dropbox import Dropbox

from ..values import Client
from .sending import OurSession, below, without

DOMAIN = ".dropboxapi.com"
OTHER_HOSTS = ("https://content.dropboxapi.com", "https://notify.dropboxapi.com")
"""Where files are, and news of changes: the API is spread over three."""
IN_PLACE = "the session's"
"""What the client wants in place of a token. It does not leave."""


def client(session: Any, connection: Any, client: Client) -> Dropbox:
    """A :class:`dropbox.Dropbox` for the account.

    What the API refuses for now it raises; it does not sleep until it is allowed again.
    """
    return Dropbox(
        oauth2_access_token=IN_PLACE,
        session=_session(session),
        timeout=None,
        max_retries_on_error=0,
        max_retries_on_rate_limit=0,
    )


def _session(session: Any) -> DropboxSession:
    """At Dropbox with all its hosts; elsewhere, at the sandbox for instance, with that one."""
    if (urlsplit(session.base_url).hostname or "").endswith(DOMAIN):
        session.admit(*OTHER_HOSTS)
        return DropboxSession(session)
    return DropboxSession(session, partial(below, without("/2", session.base_url)))


class DropboxSession(OurSession):
    """A session that puts no token on the calls which Dropbox takes without one."""

    def request(  # type: ignore[override]  # as inherited
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        if "Authorization" in (kwargs.get("headers") or {}):
            return super().request(method, url, **kwargs)
        answer: requests.Response = self._session.request(
            method, self._moved(url), auth=_as_it_is, **kwargs
        )
        return answer


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
