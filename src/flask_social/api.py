"""``ApiSession``: a :class:`requests.Session` that speaks to one provider's API with a token.

It is what ``social.<provider>.get_api()`` gives where no client library is asked for. It runs on
the connections of :mod:`flask_social.transport`, and takes nothing from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import InvalidHeader, RequestException

from . import transport
from .http import Request
from .values import Client, Secret, Token

TokenUse = Callable[[Request, Token, Client], Request]
"""A request to the same request with the token on it."""

_PORTS = {"http": 80, "https": 443}
_FORM = "application/x-www-form-urlencoded"


class ApiSession(requests.Session):
    """An authorised session. ``session.get("me")`` asks for ``me`` below *base_url*.

    The token goes to *base_url*'s origin and to *origins*, and nowhere else: a request to another
    is refused, and a redirect to another is not followed but returned. Failures are those of
    requests. Each call has *timeout* seconds in total (``SOCIAL_CALL_TIMEOUT`` unless given);
    ``timeout=`` of a single call replaces that, and ``stream=True`` ends it with the headers.

    :param token: or a function that gives it, called for each request.
    :param token_use: puts the token on a request, as the provider wants it.
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
    ) -> None:
        super().__init__()
        options = options or transport.TransportOptions()
        self.base_url = base_url.rstrip("/") + "/"
        self._origins = {_origin(url, options.allow_http) for url in (base_url, *origins)}
        self._allow_http = options.allow_http
        self._wait = (options.connect_timeout, options.read_timeout)
        self.trust_env = False
        self.max_redirects = 5
        self.headers["User-Agent"] = "Flask-Social"
        self.auth = _TokenAuth(token, client, token_use)
        adapter = _PooledAdapter(options, timeout or options.call_timeout)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

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
            kwargs["timeout"] = _Default(self._wait)
        return super().send(request, **kwargs)

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


class _Default(tuple[float, float]):
    """The waits of a call that was given no timeout of its own."""

    __slots__ = ()


class _TokenAuth(AuthBase):
    """A provider's ``token_use``, as requests wants it."""

    def __init__(
        self, token: Token | Callable[[], Token], client: Client, token_use: TokenUse
    ) -> None:
        self._token = token
        self._client = client
        self._token_use = token_use

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._token() if callable(self._token) else self._token
        r.plain_url = r.url  # type: ignore[attr-defined]  # what the answer calls itself
        plain = _described(r)
        authorised = self._token_use(plain, token, self._client)
        r.url = _hidden(authorised.url, plain.url)
        for name, value in authorised.headers.items():
            r.headers[name] = _hidden(value, plain.headers.get(name))
        if authorised.form is not None and authorised.form != plain.form:
            r.prepare_body(authorised.form, None)
        return r


class _PooledAdapter(HTTPAdapter):
    """The process's connections and deadlines, behind the interface of requests."""

    def __init__(self, options: transport.TransportOptions, seconds: float) -> None:
        self._options = options
        self._seconds = seconds
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the pool is there already, and another one after a fork."""

    def get_connection_with_tls_context(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return transport.pool(self._options).connection_from_url(request.url)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """As inherited, at the address without the token: ``raise_for_status`` quotes it."""
        response = super().build_response(req, resp)
        response.url = getattr(req, "plain_url", response.url)
        return response

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: it would load other certificates into the pool that all share."""

    def request_url(self, request: requests.PreparedRequest, proxies: object) -> str:
        if self._options.proxy and str(request.url).startswith("http:"):
            return urldefrag(str(request.url)).url
        return request.path_url

    def close(self) -> None:
        """Nothing: others use the pool too."""

    def send(  # type: ignore[override]  # only the session calls it, by keyword
        self,
        request: requests.PreparedRequest,
        *,
        timeout: Any,
        stream: bool = False,
        **kwargs: Any,
    ) -> requests.Response:
        if kwargs.get("verify") is not True or kwargs.get("cert") or kwargs.get("proxies"):
            raise ValueError("verify, cert and proxies are SOCIAL_CA_BUNDLE's and SOCIAL_PROXY's")
        call = transport.Call(self._total(timeout), head_only=stream)
        try:
            with transport.within(call):
                return super().send(request, stream, timeout)
        except RequestException as error:
            raise type(error)(_said(error), request=request) from None
        except ValueError:
            raise InvalidHeader("a header holds what none can", request=request) from None

    def _total(self, timeout: Any) -> float:
        """Seconds for the whole call: as asked for by requests' ways to ask, else the session's."""
        if isinstance(timeout, _Default):
            return self._seconds
        waits = timeout if isinstance(timeout, tuple) else (timeout,)
        if all(isinstance(wait, int | float) for wait in waits):
            return float(sum(waits))
        return self._seconds


def _origin(url: str, allow_http: bool) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454 section 4)."""
    parts = urlsplit(url)
    if parts.username is not None or not parts.hostname:
        raise ValueError("not an address that a token may go to")
    if parts.scheme != "https" and not (parts.scheme == "http" and allow_http):
        raise ValueError(f"a token does not go to {parts.hostname} unless by https")
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def _described(prepared: requests.PreparedRequest) -> Request:
    """The request as a value; a form is shown as one unless it repeats a name."""
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    form = None
    if isinstance(body, bytes) and prepared.headers.get("Content-Type", "").startswith(_FORM):
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        form = dict(pairs) if len(dict(pairs)) == len(pairs) else None
    return Request(
        url=str(prepared.url),
        purpose="calling the API",
        method=str(prepared.method),
        headers=dict(prepared.headers),
        form=form,
        body=body if isinstance(body, bytes) and form is None else None,
    )


def _hidden(text: str, plain: str | None) -> str:
    """*text*, as one that no ``repr`` shows where it is not the *plain* one any more."""
    return text if text == plain else Secret(text)


def _said(error: RequestException) -> str:
    """The failure's reason alone: requests quotes the address, whose query may hold a token."""
    told = error.args[0] if error.args else error
    return str(getattr(told, "reason", None) or told)
