"""Pooled connections that hold a server to what a call may take.

A timeout on a socket is a limit on one wait, so a server that sends a byte a second never meets
it. Here every wait, for connecting, for the handshake, for each byte out and in, is cut to what
is left of the whole call, and every byte that comes in is counted, be it body, header or framing.
Looking up a name alone takes as long as the operating system lets it, unless a guard is set: then
nobody waits for it longer than for the rest.
"""

from __future__ import annotations

import http.client
import io
import math
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.response import HTTPResponse
from urllib3.util.connection import create_connection

from .. import limits
from .guard import Barred, Guard, look_up

IDLE = 60.0  # seconds: below what firewalls and balancers forget in silence
_PIECE = 16_384  # bytes sent under one timeout

_LENGTH = re.compile(r"[0-9]{1,18}")


class TooLarge(http.client.HTTPException):
    """More bytes came than the call admits."""


class Call:
    """What one call may still take: seconds, and bytes of answer (``None``: any number)."""

    def __init__(
        self, seconds: float, octets: int | None = None, *, head_only: bool = False
    ) -> None:
        self.ends = time.monotonic() + seconds
        self.octets = octets
        self.head_only = head_only
        """The seconds end with the headers: the caller reads the body at leisure."""
        self.on_kept_connection = True

    def wait(self, at_most: float | None) -> float | None:
        """Seconds for the next wait. :raises TimeoutError: when none are left."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time left for this call")
        wait = min(left, math.inf if at_most is None else at_most)
        return None if wait == math.inf else wait

    def count(self, octets: int) -> None:
        """Take note of bytes that came. :raises TooLarge: when they are too many."""
        if self.octets is not None:
            self.octets -= octets
            if self.octets < 0:
                raise TooLarge


_running: ContextVar[Call | None] = ContextVar("flask_social_call", default=None)


@contextmanager
def within(call: Call) -> Iterator[None]:
    """Hold what this thread sends to *call*."""
    token = _running.set(call)
    try:
        yield
    finally:
        _running.reset(token)


def running() -> Call | None:
    """The call that this thread is at."""
    return _running.get()


def _call() -> Call:
    return _running.get() or Call(limits.CALL_TIMEOUT)


class _Incoming(io.RawIOBase):
    """A socket's bytes, each waited for within the call."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, call: Call) -> None:
        self._raw = raw
        self._sock = sock
        self._call = call
        self._at_most = sock.gettimeout()
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._call.wait(self._at_most))
        count: int | None = self._raw.readinto(buffer)
        self._call.count(count or 0)
        self.ended = count == 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._incoming = _Incoming(self.fp.detach(), sock, _call())
        self.fp: io.BufferedReader = io.BufferedReader(self._incoming)

    def begin(self) -> None:
        """As inherited, but strict where a head is cut short or its length is in doubt.

        RFC 9112 sections 6.3 and 8.
        """
        super().begin()
        lengths = set(self.headers.get_all("Content-Length", []))
        if self._incoming.ended or len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise http.client.HTTPException("malformed head")


class Connection(HTTPConnection):
    """A connection whose every wait is within the running :class:`Call`.

    :param guard: keeps it from addresses that are not public.
    """

    response_class = _Answer
    _used_at = 0.0
    _pinned = ""

    def __init__(self, *args: Any, guard: Guard | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> socket.socket:
        """A socket to the first of the host's addresses that answers, or to the proxy's."""
        _call().on_kept_connection = False
        guard = self._guard
        if guard is not None and self.proxy is not None:
            self._pin(guard)
            guard = None
        failure = OSError()
        for address in look_up(self, self._dns_host, guard, _call().wait(None)):
            try:
                return self._socket_to(*address)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "connecting took too long") from None
        raise NewConnectionError(self, str(failure)) from None

    def _pin(self, guard: Guard) -> None:
        """Note where the proxy is to connect to: an address, lest it ask for another one itself.

        What a proxy forwards instead of tunnelling, plain http, it looks up itself.
        """
        if self._tunnel_host is None:
            raise Barred(self, "what a proxy looks up")
        host = self._tunnel_host.strip("[]")
        address, _ = look_up(self, host, guard, _call().wait(None))[0]
        self._pinned = f"[{address}]" if ":" in address else address

    def _tunnel(self) -> None:
        """As inherited, to the pinned address; TLS is with the host's name all the same."""
        named, headers = self._tunnel_host, self._tunnel_headers  # type: ignore[has-type]
        if self._pinned:
            self._tunnel_host = self._pinned
            self._tunnel_headers = {**headers, "Host": f"{self._pinned}:{self._tunnel_port}"}
        try:
            super()._tunnel()
        finally:
            self._tunnel_host, self._tunnel_headers = named, headers

    def _socket_to(self, address: str, port: int) -> socket.socket:
        call = _call()
        sock = create_connection(
            (address, port), call.wait(self.timeout), socket_options=self.socket_options
        )
        try:
            sock.settimeout(call.wait(self.timeout))  # for the handshakes of proxy and TLS
        except TimeoutError:
            sock.close()
            raise
        return sock

    def send(self, data: Any) -> None:
        """Send *data* in pieces, since over TLS a timeout is for each record, not for them all."""
        if self.sock is None:
            self.connect()
        pieces = _pieces(data) if isinstance(data, bytes) else (data,)
        for piece in pieces:
            self.sock.settimeout(_call().wait(self.timeout))
            super().send(piece)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 does
        response = super().getresponse()
        self._used_at = time.monotonic()
        if (call := _call()).head_only:
            call.ends = math.inf
        return response

    @property
    def is_connected(self) -> bool:
        """Whether the other side is still there and has not said anything out of turn.

        urllib3 asks before it reuses a connection, which is what a request that cannot be
        repeated relies on.
        """
        return time.monotonic() - self._used_at < IDLE and super().is_connected


def _pieces(content: bytes) -> Iterator[bytes]:
    return (content[start : start + _PIECE] for start in range(0, len(content), _PIECE))


class TLSConnection(Connection, HTTPSConnection):
    """The same over TLS."""
