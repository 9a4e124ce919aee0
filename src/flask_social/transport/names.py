"""The addresses of a host, as one function that a test may replace."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread

Address = tuple[str, int]
"""An IP address, and a port."""

Resolver = Callable[[str, int], Sequence[Address]]
"""From a name and a port to its addresses. :raises OSError: when there is no such name."""


def _ask_the_system(host: str, port: int) -> Sequence[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(str(address[0]), int(address[1])) for *_, address in found]


_resolver: Resolver = _ask_the_system


def addresses(host: str, port: int) -> Sequence[Address]:
    """All addresses of *host*; it takes as long as the operating system takes."""
    return _resolver(host, port)


def addresses_within(seconds: float | None, host: str, port: int) -> Sequence[Address]:
    """The same, but after *seconds* nobody waits for it any more.

    Python cannot interrupt a lookup: one that is given up goes on in a thread of its own until
    the operating system, too, gives it up.

    :raises TimeoutError: when the time is over.
    """
    found: Future[Sequence[Address]] = Future()

    def ask() -> None:
        try:
            found.set_result(addresses(host, port))
        except Exception as error:  # noqa: BLE001 - it is raised to who asked
            found.set_exception(error)

    Thread(target=ask, name="flask-social-lookup", daemon=True).start()
    return found.result(seconds)


@contextmanager
def replaced(resolver: Resolver) -> Iterator[None]:
    """Ask *resolver* for a while, in this process."""
    global _resolver  # noqa: PLW0603
    before = _resolver
    _resolver = resolver
    try:
        yield
    finally:
        _resolver = before
