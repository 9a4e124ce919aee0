"""google-auth's session, whose credentials ask for the token before each request.

When an API answers 401 the credentials are refreshed, and by that the connection.
``get_api().credentials`` are for the other libraries of Google that take some.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession

from ..values import Client, Token
from .sending import origin_of

DOMAIN = ".googleapis.com"
"""Below it all of Google's APIs have their hosts."""


def client(session: Any, connection: Any, client: Client) -> GoogleSession:
    """A :class:`google.auth.transport.requests.AuthorizedSession`; it takes whole addresses."""
    return GoogleSession(session)


class FreshCredentials(Credentials):
    """Credentials that hold nothing to refresh with: the session does that.

    They go to hosts of Google's APIs, and to the session's own.
    """

    def __init__(self, session: Any) -> None:
        super().__init__()
        self._session = session

    def refresh(self, request: object) -> None:
        """Take the token as it is now; another one if that is what the credentials have already."""
        token = self._session.token()
        if token.access_token == self.token:
            token = self._session.renewed(self.token)
        self._take(token)

    def before_request(self, request: object, method: str, url: str, headers: Any) -> None:
        """Put the token as it is now on a request.

        :raises ValueError: for an address that it may not go to.
        """
        if not is_googles(url) and origin_of(url) != origin_of(self._session.base_url):
            raise ValueError(f"{urlsplit(url).hostname} is not where this token may go")
        self._take(self._session.token())
        self.apply(headers)

    def _take(self, token: Token) -> None:
        self.token = token.access_token
        self.expiry = None
        if token.expires_at is not None:
            # google-auth compares with a time of UTC that does not say so.
            self.expiry = datetime.fromtimestamp(token.expires_at, UTC).replace(tzinfo=None)


class GoogleSession(AuthorizedSession):
    """Google's authorised session on the process's connections, with our deadlines."""

    def __init__(self, session: Any) -> None:
        super().__init__(FreshCredentials(session), max_refresh_attempts=1)
        self.trust_env = False
        for scheme in ("https://", "http://"):
            self.mount(scheme, session.get_adapter(scheme))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """As inherited, within ``SOCIAL_CALL_TIMEOUT`` unless a timeout is given."""
        kwargs.setdefault("timeout", None)
        return super().request(method, url, *args, **kwargs)


def is_googles(url: str) -> bool:
    """Whether *url* is one of Google's APIs."""
    parts = urlsplit(url)
    return parts.scheme == "https" and (parts.hostname or "").endswith(DOMAIN)
