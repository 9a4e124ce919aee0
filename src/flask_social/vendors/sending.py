"""A session of requests as a library wants one, whose requests a session of ours sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

import requests

OURS = ("auth", "cert", "proxies", "verify")
"""Arguments of a request that are not for a library to decide."""
WIRE = {"connection", "content-encoding", "content-length", "transfer-encoding"}
"""Headers that are about octets, which requests has decoded or is yet to write."""


class OurSession(requests.Session):
    """What a library takes for its session.

    Its requests carry the session's token, whatever the library put there, and have its deadlines,
    certificates and limits. A *timeout* that the library names is taken where there is one.

    :param session: the :class:`~flask_social.api.ApiSession`.
    :param moved: tells where an address of the library really is.
    """

    def __init__(self, session: Any, moved: Callable[[str], str] = str) -> None:
        super().__init__()
        self.headers.clear()
        self.trust_env = False
        self._session = session
        self._moved = moved

    def request(  # type: ignore[override]  # all but the first two go on as they are
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        """The answer to the same request, authorised and sent by our session."""
        for each in OURS:
            kwargs.pop(each, None)
        headers = {**self.headers, **(kwargs.pop("headers", None) or {})}
        kept = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        answer: requests.Response = self._session.request(
            method, self._moved(str(url)), headers=kept, **kwargs
        )
        return answer

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> NoReturn:
        """Nothing: what is prepared already has an authorisation that is not ours."""
        raise TypeError("this session sends what is asked for by request() alone")

    def close(self) -> None:
        """Nothing: the connections are the process's."""

    def __repr__(self) -> str:
        return f"<OurSession {self._session!r}>"


def origin_of(url: str) -> str:
    """The scheme, host and port of *url*, without a slash at the end."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def below(site: str, url: str) -> str:
    """*url* as it is below *site*, an address without a slash at the end: another server, say."""
    parts = urlsplit(url)
    return site + urlunsplit(parts._replace(scheme="", netloc=""))


def without(ending: str, base_url: str) -> str:
    """*base_url* without a slash at the end, nor the path *ending* that a library adds itself."""
    return base_url.rstrip("/").removesuffix(ending)
