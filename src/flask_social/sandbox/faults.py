"""Ways to fail, for any endpoint: ``provider.fail("token", Status(500))``.

A fault acts before the endpoint (which then never hears of the request), or on its answer; those
that leave the answer's meaning alone and spoil its octets are in :mod:`.spoilt`.
*times* is the number of requests it strikes; ``None`` for all, until cleared.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from werkzeug.wrappers import Request, Response


class ConnectionCut(Exception):
    """Tells the server to reset the connection in place of an answer."""


@dataclass(kw_only=True)
class Fault:
    """Does nothing."""

    times: int | None = None

    def before(self, request: Request) -> Response | None:
        """An answer in place of the endpoint's, or ``None`` to go on."""
        return None

    def after(self, request: Request, response: Response) -> Response:
        """The answer that goes out."""
        return response

    def release(self) -> None:
        """Let go of every request that waits."""


@dataclass
class Reset(Fault):
    """The connection breaks without an answer; with *late*, after the request took effect."""

    late: bool = False

    def before(self, request: Request) -> Response | None:
        if not self.late:
            raise ConnectionCut
        return None

    def after(self, request: Request, response: Response) -> Response:
        raise ConnectionCut


@dataclass
class Kill(Fault):
    """The process *pid* is killed before it has its answer, and the connection breaks.

    With *late* the request took effect before; without it the endpoint never hears of it.
    """

    pid: int
    late: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.pid, int) or self.pid <= 1:
            raise ValueError("pid is that of one process")  # others stand for whole groups

    def before(self, request: Request) -> Response | None:
        if not self.late:
            self.strike()
        return None

    def after(self, request: Request, response: Response) -> Response:
        self.strike()
        return response

    def strike(self) -> None:
        """End the process as a crash does: nothing of it gets to clean up."""
        os.kill(self.pid, signal.SIGKILL)
        raise ConnectionCut


@dataclass
class Hang(Fault):
    """Silence until :meth:`release`; the honest answer after that. *entered* is set meanwhile."""

    entered: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def before(self, request: Request) -> Response | None:
        self.entered.set()
        self.released.wait()
        return None

    def release(self) -> None:
        self.released.set()


@dataclass
class Barrier(Fault):
    """Nobody gets an answer until *count* requests are in."""

    count: int
    arrived: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: threading.Event = field(default_factory=threading.Event)

    def before(self, request: Request) -> Response | None:
        with self.lock:
            self.arrived += 1
            if self.arrived >= self.count:
                self.opened.set()
        self.opened.wait()
        return None

    def release(self) -> None:
        self.opened.set()


@dataclass
class Delay(Fault):
    """Every answer is *seconds* late."""

    seconds: float
    released: threading.Event = field(default_factory=threading.Event)

    def before(self, request: Request) -> Response | None:
        self.released.wait(self.seconds)
        return None

    def release(self) -> None:
        self.released.set()


@dataclass
class Status(Fault):
    """Another answer altogether; with *late*, after the request took effect."""

    code: int
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    late: bool = False

    def before(self, request: Request) -> Response | None:
        return None if self.late else self.answer()

    def after(self, request: Request, response: Response) -> Response:
        return self.answer()

    def answer(self) -> Response:
        """The answer that replaces the endpoint's."""
        response = Response(self.body, self.code)
        response.headers.update(self.headers)
        return response


@dataclass
class Redirect(Fault):
    """A redirect to *url*, which may be a function of the request."""

    url: str | Callable[[Request], str]
    code: int = 302

    def before(self, request: Request) -> Response | None:
        url = self.url if isinstance(self.url, str) else self.url(request)
        response = Response(status=self.code)
        response.autocorrect_location_header = False
        response.headers["Location"] = url
        return response
