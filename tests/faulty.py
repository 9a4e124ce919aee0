"""A server that does as its script says, which may be wrong: it stalls, drips, cuts off, lies.

::

    with Faulty(lambda exchange: exchange.reply(b"{}")) as server:
        send(Request(url=server.url + "/keys", purpose="testing"))
    assert server.connections == 1
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO, Self

import trustme

from flask_social.transport import TransportOptions

DRIP = 0.01  # seconds between two bytes: far below any timeout on a single wait

PATIENT = TransportOptions(
    allow_http=True, connect_timeout=60, read_timeout=60, call_timeout=60, request_timeout=60
)
"""For what is to succeed, or to fail by itself, however busy the machine is."""

TRIES = (0.3, 3.0, 30.0)
"""Seconds for a call that is to run out of them at the server.

A busy machine may use up the first before the server has the request; then the next are given.
"""


class Watch:
    """What a module takes for :mod:`time`: its clock goes *ahead* by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class Received:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Exchange:
    """One request on one connection, and the ways to answer it."""

    received: Received
    sock: socket.socket
    nth: int
    """Which request of its connection this is, from 1."""
    stopping: threading.Event = field(repr=False)
    keep: bool = True
    """Whether the connection stays open afterwards."""

    def reply(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        """A well-formed answer; ``_`` in a header's name stands for ``-``."""
        fields = {"Content-Length": str(len(body)), **headers}
        self.raw(head(status, **fields) + body)

    def raw(self, octets: bytes) -> None:
        self.sock.sendall(octets)

    def drip(self, octets: bytes) -> None:
        """A byte at a time, until the other side has had enough."""
        for octet in octets:
            if self.stopping.wait(DRIP):
                break
            self.sock.sendall(bytes([octet]))
        self.keep = False

    def stall(self) -> None:
        """Not another word, with the connection open until the other side closes it."""
        self.sock.settimeout(None)
        self.sock.recv(1)
        self.keep = False

    def hang_up(self) -> None:
        self.keep = False


Script = Callable[[Exchange], None]

REQUEST_LINE = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]\r\n")
"""A greeting in TLS is none, whatever its random octets are: the connection is closed at once."""


def received_from(incoming: BinaryIO) -> Received | None:
    """The next request, if it comes, and comes whole: the other side may have given up."""
    if (request_line := REQUEST_LINE.fullmatch(incoming.readline())) is None:
        return None
    method, target = (part.decode("latin-1") for part in request_line.groups())
    headers: dict[str, str] = {}
    while (field_line := incoming.readline()).strip():
        name, _, value = field_line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    body = incoming.read(length)
    whole = field_line.endswith(b"\n") and len(body) == length
    return Received(method, target, headers, body) if whole else None


def head(status: int = 200, **headers: str) -> bytes:
    """A status line and headers; ``_`` in a name stands for ``-``."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """TLS for a server with a certificate of *authority* for *names*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
    return context


@contextmanager
def refusing() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses connections: it is taken, so that nobody else gets it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


class Faulty:
    """A server on 127.0.0.1, one thread to a connection, while its ``with`` block runs."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.connections = 0
        self.requests: list[Received] = []
        self.closed = threading.Semaphore(0)
        """Released whenever the server has closed a connection."""
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._closing = threading.Lock()
        self._threads = [threading.Thread(target=self._listen)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            pass  # wakes the listener
        self._threads[0].join()
        with self._closing:
            for sock in list(self._open):
                with suppress(OSError):  # the other side may be gone already
                    # Below TLS, whose state is that of the thread which reads or writes now.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _listen(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._stopping.is_set():
                sock.close()
                return
            self.connections += 1
            self._open.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        sock = plain
        try:
            sock.settimeout(60)
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
                self._open.add(sock)
                sock.do_handshake()
            self._converse(sock)
        except OSError:
            pass  # the other side went away, or would not shake hands
        finally:
            with self._closing:
                self._open -= {plain, sock}
                sock.close()
            self.closed.release()

    def _converse(self, sock: socket.socket) -> None:
        with sock.makefile("rb") as incoming:
            nth = 0
            while received := received_from(incoming):
                nth += 1
                self.requests.append(received)
                exchange = Exchange(received, sock, nth, self._stopping)
                self._script(exchange)
                if not exchange.keep:
                    return
