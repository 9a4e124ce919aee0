"""A proxy in front of PostgreSQL, which can be told to break what goes through it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy.engine import URL, make_url

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The message of the simple query protocol that commits a transaction, as psycopg sends it."""


class Link:
    """One connection to the server, and the client's to us."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self._swallows = False

    def cut(self) -> None:
        """Break both ends."""
        _break(self.client)
        _break(self.server)

    def lose_answer(self, question: bytes) -> None:
        """Let the server do what *question* says; what it answers to it reaches nobody."""
        self._swallows = True
        self.server.sendall(question)

    def pump(self) -> None:
        """Carry answers to the client, until either end breaks."""
        with suppress(OSError):
            while (answer := self.server.recv(65536)) and not self._swallows:
                self.client.sendall(answer)
        self.cut()


class Proxy:
    """Forwards every connection to the server of *url*, and breaks them when it is told to."""

    def __init__(self, url: str) -> None:
        self._server = _address(make_url(url))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._links: set[Link] = set()
        self._guard = threading.Lock()
        self._refuses = False
        self._losing: str | None = None
        made = make_url(url).set(host="127.0.0.1", port=self._listener.getsockname()[1])
        query = {name: value for name, value in made.query.items() if name != "host"}
        made = made.set(query={**query, "sslmode": "disable", "gssencmode": "disable"})
        self.url = made.render_as_string(hide_password=False)
        """The server's, by way of this proxy."""

    def cut(self) -> None:
        """Break every connection that is open."""
        with self._guard:
            for each in self._links:
                each.cut()

    def go_away(self) -> None:
        """Break every connection, and those to come."""
        self._refuses = True
        self.cut()

    def come_back(self) -> None:
        """Be honest again."""
        self._refuses = False

    def lose_next_commit(self, *, after: bool) -> None:
        """Break the connection that sends the next COMMIT.

        :param after: whether the server has committed by then, and its answer is what is lost.
        """
        self._losing = "answer" if after else "question"

    def serve(self) -> None:
        """Accept until closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Break everything, and accept no more."""
        _break(self._listener)
        self.cut()
        self._listener.close()

    def _forward(self, client: socket.socket) -> None:
        family, address = self._server
        with client, socket.socket(family) as server:
            if self._refuses:
                return
            server.connect(address)
            link = Link(client, server)
            with self._guard:
                self._links.add(link)
            answers = threading.Thread(target=link.pump, daemon=True)
            answers.start()
            with suppress(OSError):
                while question := client.recv(65536):
                    self._ask(link, question)
            link.cut()
            answers.join()
            with self._guard:
                self._links.discard(link)

    def _ask(self, link: Link, question: bytes) -> None:
        losing = self._losing if COMMIT in question else None
        match losing:
            case "answer":
                self._losing = None
                link.lose_answer(question)
            case "question":
                self._losing = None
                link.cut()
            case _:
                link.server.sendall(question)


def _break(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


def _address(url: URL) -> tuple[socket.AddressFamily, Any]:
    """Where the server listens: in a folder, where its host is one, or on a port."""
    host, port = str(url.query.get("host") or url.host or "127.0.0.1"), url.port or 5432
    if host.startswith("/"):
        return socket.AF_UNIX, f"{host}/.s.PGSQL.{port}"
    return socket.AF_INET, (host, port)


@contextmanager
def proxy(url: str) -> Iterator[Proxy]:
    """A proxy to the server of *url*, for as long as the block lasts."""
    made = Proxy(url)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.close()
        thread.join()
