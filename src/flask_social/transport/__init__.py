"""The only package that opens a socket: sends requests to providers, and keeps what they publish.

:class:`Wire` is :class:`flask_social.http.Send` for one application. Applications share nothing
but the connections of :func:`pool`.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar, cast
from urllib.parse import urlencode, urlsplit

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import parse_url

from .. import clock, limits
from ..errors import ProviderError, ProviderUnavailable
from ..http import Request, Response
from . import packed
from .cache import Cache, WaitedInVain
from .connections import Call, within
from .failures import broken_off, failed
from .pool import TransportOptions, pool

__all__ = ["Call", "TransportOptions", "Wire", "pool", "within"]

T = TypeVar("T")

_FRAMING = 65_536  # bytes that headers and chunk sizes may take beside the body
_FORM = "application/x-www-form-urlencoded"


class Wire:
    """Sends requests, each once, and keeps what :meth:`cached` reads."""

    def __init__(self, options: TransportOptions | None = None) -> None:
        self.options = options or TransportOptions()
        self._cache = Cache()
        self._ends = math.inf

    def for_request(self) -> Wire:
        """The same, for one web request: all its calls together end within ``request_timeout``."""
        limited = Wire(self.options)
        limited._cache = self._cache
        limited._ends = time.monotonic() + self.options.request_timeout
        return limited

    def __call__(self, request: Request) -> Response:
        """The answer to *request*, unless its status is a redirect, 429 or 5xx.

        :raises ProviderUnavailable: ``unreachable``, ``too_slow``, ``busy`` or ``unavailable``.
        :raises ProviderError: ``insecure``, ``bad_address``, ``redirected`` or ``bad_answer``.
        """
        step = request.purpose
        _admit(request, allow_http=self.options.allow_http)
        call = Call(self._left(step), octets=limits.BODY + _FRAMING)
        with within(call):
            try:
                answer = self._open(request)
            except (HTTPError, OSError, ValueError) as error:
                raise failed(step, error) from None
            try:
                _accept(step, answer)
                packed.check(answer, _accepted(request), step)
                return _whole(answer, step)
            except (HTTPError, OSError) as error:
                raise broken_off(step, error) from None
            finally:
                answer.close()  # closes the connection unless the answer was read to its end
                answer.release_conn()

    def cached(
        self, request: Request, read: Callable[[Response], T], *, refetch: bool = False
    ) -> T:
        """What *read* makes of the answer, as :meth:`flask_social.http.Send.cached` tells.

        Kept by address and *read*: hand in the same function each time, not a new lambda.
        A ``max-age`` below an hour is honoured down to a minute (RFC 9111 section 5.2.2.1).

        :raises ProviderUnavailable: when nothing younger than a day is kept either.
        """
        if request.method != "GET":
            raise ValueError("only what is read by GET can be kept")

        def fetch() -> tuple[T, int]:
            response = self(request)
            return read(response), _lifetime(response)

        patience = self._left(request.purpose)
        try:
            kept = self._cache.get(request.url, read, fetch, refetch=refetch, patience=patience)
        except WaitedInVain:
            raise ProviderUnavailable(request.purpose, "too_slow", status=504) from None
        return cast(T, kept)

    def _left(self, step: str) -> float:
        left = min(self._ends - time.monotonic(), self.options.call_timeout)
        if left <= 0:
            raise ProviderUnavailable(step, "too_slow", "no time left", status=504)
        return left

    def _open(self, request: Request) -> BaseHTTPResponse:
        headers = {"User-Agent": "Flask-Social", "Accept-Encoding": "identity"}
        body = request.body
        if request.form is not None:
            body = urlencode(request.form).encode()
            headers["Content-Type"] = _FORM
        given = {name.lower() for name in request.headers}
        headers = {name: value for name, value in headers.items() if name.lower() not in given}
        options = replace(self.options, guarded=True) if request.guarded else self.options
        return pool(options).urlopen(
            request.method,
            request.url,
            body=body,
            headers={**headers, **request.headers},
            timeout=Timeout(connect=self.options.connect_timeout, read=self.options.read_timeout),
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
        )


def _admit(request: Request, *, allow_http: bool) -> None:
    """Parsed by urllib3, as the connection will be, so that no two readings can differ."""
    try:
        url = parse_url(request.url)
    except LocationParseError:
        raise ProviderError(request.purpose, "bad_address") from None
    if url.scheme == "http" and not allow_http:
        raise ProviderError(request.purpose, "insecure", f"plain http to {url.host}")
    if url.scheme not in ("http", "https") or not url.host or url.auth is not None:
        raise ProviderError(request.purpose, "bad_address")


def _accepted(request: Request) -> str:
    """The encodings that *request* asks for, of a provider that answers in no other."""
    found = {name.lower(): value for name, value in request.headers.items()}
    return found.get("accept-encoding", "")


def _accept(step: str, answer: BaseHTTPResponse) -> None:
    status = answer.status
    if status in (429, 503):
        code = "busy" if status == 429 else "unavailable"
        raise ProviderUnavailable(step, code, f"status {status}", retry_after=_retry_after(answer))
    if status >= 500:
        ours = 504 if status == 504 else 502
        raise ProviderUnavailable(step, "unavailable", f"status {status}", status=ours)
    if 300 <= status < 400:
        raise ProviderError(step, "redirected", f"to {_host(answer.headers.get('Location', ''))}")
    if status < 200:
        raise ProviderError(step, "bad_answer", f"status {status}")


def _whole(answer: BaseHTTPResponse, step: str) -> Response:
    body = packed.body_of(answer, step)
    headers = {name.lower(): answer.headers[name] for name in answer.headers}
    return Response(status=answer.status, headers=headers, body=body)


def _host(location: str) -> str:
    try:
        host = urlsplit(location).hostname or ""
    except ValueError:
        host = ""
    return host if re.fullmatch(r"[a-z0-9.:_-]{1,253}", host) else "an unnamed host"


def _retry_after(answer: BaseHTTPResponse) -> int | None:
    """Seconds (RFC 9110 section 10.2.3), within bounds; ``None`` where it makes no sense."""
    text = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,19}", text):
        seconds = int(text)
    else:
        try:
            when = parsedate_to_datetime(text)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
            seconds = int(when.timestamp()) - clock.now()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return max(1, min(seconds, limits.RETRY_AFTER))


def _lifetime(response: Response) -> int:
    found = re.search(
        r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,9})", response.headers.get("cache-control", ""), re.I
    )
    seconds = int(found[1]) if found else limits.METADATA_FRESH
    return max(limits.REFETCH_INTERVAL, min(seconds, limits.METADATA_FRESH))
