"""``ApiSession``: a :class:`requests.Session` that speaks to one provider's API with a token.

It is what ``social.<provider>.get_api()`` gives where no client library is asked for. It runs on
the connections of :mod:`flask_social.transport`, and takes nothing from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, Protocol
from urllib.parse import unquote, urljoin, urlsplit

import requests

from .. import transport
from ..values import Client, Token
from .adapter import Default, PooledAdapter
from .authorising import (
    Challenged,
    TokenAuth,
    TokenUse,
    anew,
    is_refusal,
    may_be_sent_again,
    token_on,
)

__all__ = ["ApiSession", "Renewal", "TokenUse"]

_PORTS = {"http": 80, "https": 443}


class Renewal(Protocol):
    """What a session does about an API that takes its token no more."""

    def renew(self, refused: str) -> Token:
        """The token in place of the *refused* one; that one where no other is to be had.

        :raises ReconnectNeeded: when the person has to consent again.
        """

    def give_up(self, refused: str) -> None:
        """The one in its place was *refused* too.

        :raises ReconnectNeeded: unless the API may mean something else by it.
        """


class ApiSession(requests.Session):
    """An authorised session. ``session.get("me")`` asks for ``me`` below *base_url*.

    The token goes to *base_url*'s origin and to *origins*, and nowhere else: a request to another
    is refused, and a redirect to another is not followed but returned. Failures are those of
    requests. Each call has *timeout* seconds in total (``SOCIAL_CALL_TIMEOUT`` unless given);
    ``timeout=`` of a single call replaces that, and ``stream=True`` ends it with the headers.

    To an API that answers 401 the request goes once more, with a token that was renewed for it,
    unless its body cannot be sent again. If that is refused too the connection is broken.

    :param token: or a function that gives it, called for each request.
    :param renewal: what is done about a 401; without it the answer is left as it is.
    :param token_use: puts the token on a request, as the provider wants it.
    :param challenged: puts on it what an answer wants beside that; then it goes once more.
    :raises ValueError: for a *base_url* that is not https where the options do not allow it.
    """

    def __init__(  # noqa: PLR0913 - by keyword only
        self,
        *,
        base_url: str,
        token: Token | Callable[[], Token],
        client: Client,
        token_use: TokenUse,
        options: transport.TransportOptions | None = None,
        timeout: float | None = None,
        origins: Iterable[str] = (),
        renewal: Renewal | None = None,
        challenged: Challenged | None = None,
    ) -> None:
        super().__init__()
        options = options or transport.TransportOptions()
        self.base_url = base_url.rstrip("/") + "/"
        self._origins: set[tuple[str, str, int]] = set()
        self._allow_http = options.allow_http
        self.admit(base_url, *origins)
        self._wait = (options.connect_timeout, options.read_timeout)
        self.seconds = timeout or options.call_timeout
        self.trust_env = False
        self.max_redirects = 5
        self.headers["User-Agent"] = "Flask-Social"
        self._token = token
        self._renewal = renewal
        self.auth = self._auth = TokenAuth(self.token, client, token_use, challenged)
        adapter = PooledAdapter(options, self.seconds)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def token(self) -> Token:
        """The token as it is now, for a client library that puts it on requests by itself."""
        return self._token() if callable(self._token) else self._token

    def renewed(self, refused: str) -> Token:
        """The token in place of the *refused* one, for a client library that sees a 401 itself.

        :raises ReconnectNeeded: when the person has to consent again.
        """
        return self.token() if self._renewal is None else self._renewal.renew(refused)

    def admit(self, *urls: str) -> None:
        """Let the token go to the origins of *urls* too. :raises ValueError: as for *base_url*."""
        self._origins.update(_origin(url, self._allow_http) for url in urls)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """As inherited, with the address taken below :attr:`base_url`.

        :raises ValueError: for an address of another origin.
        """
        request.url = self.url_for(str(request.url))
        return super().prepare_request(request)

    def url_for(self, path: str) -> str:
        """The address of *path* below :attr:`base_url`, with or without a slash before it.

        :raises ValueError: when *path* is an address of another origin, or climbs out.
        """
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", path):
            self._must_be_ours(path)
            return path
        segments = re.split(r"[/\\]", unquote(re.split(r"[?#]", path)[0]))
        if {".", ".."}.intersection(segments):
            raise ValueError("a path below the API has no dot segments")
        return self.base_url + path.lstrip("/")

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As inherited, to an origin of ours alone; each hop of a redirect comes by here."""
        self._must_be_ours(str(request.url))
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = Default(self._wait)
        request, answer = self._sent(request, **kwargs)
        if self._renewal is None or not is_refusal(answer, request):
            return answer
        try:
            return self._sent_again(request, answer, self._renewal, **kwargs)
        except BaseException:
            answer.close()
            raise

    def _sent(
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> tuple[requests.PreparedRequest, requests.Response]:
        """The answer to *request*, or to what it became when a first answer wanted more of it."""
        answer = super().send(request, **kwargs)
        if not self._auth.heeds(answer, request) or not may_be_sent_again(request):
            return request, answer
        answer.close()
        again = anew(request, self._auth)
        return again, super().send(again, **kwargs)

    def _sent_again(
        self,
        request: requests.PreparedRequest,
        refusal: requests.Response,
        renewal: Renewal,
        **kwargs: Any,
    ) -> requests.Response:
        """The answer to the same request with another token, where there is one."""
        refused = token_on(request)
        if renewal.renew(refused).access_token == refused or not may_be_sent_again(request):
            return refusal
        refusal.close()
        again, answer = self._sent(anew(request, self._auth), **kwargs)
        if is_refusal(answer, again):
            try:
                renewal.give_up(token_on(again))
            except BaseException:
                answer.close()
                raise
        return answer

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where a redirect leads, unless to another origin: then it is the answer itself."""
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        try:
            self._must_be_ours(urljoin(str(resp.url), target))
        except ValueError:
            return None
        return target

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Authorise the next hop anew: a signature or a query parameter is for one address."""
        prepared_request.headers.pop("Authorization", None)
        prepared_request.prepare_auth(self.auth)

    def _must_be_ours(self, url: str) -> None:
        if _origin(url, self._allow_http) not in self._origins:
            raise ValueError(f"{urlsplit(url).hostname} is not where this token may go")

    def __repr__(self) -> str:
        return f"<ApiSession {self.base_url}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an ApiSession holds a token and is not for pickling or copying")


def _origin(url: str, allow_http: bool) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454 section 4)."""
    parts = urlsplit(url)
    if parts.username is not None or not parts.hostname:
        raise ValueError("not an address that a token may go to")
    if parts.scheme != "https" and not (parts.scheme == "http" and allow_http):
        raise ValueError(f"a token does not go to {parts.hostname} unless by https")
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]
