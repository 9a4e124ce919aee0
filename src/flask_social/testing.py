"""For tests of applications: providers that answer over real HTTP, and obey.

::

    from flask_social.testing import sandbox

    @pytest.fixture
    def providers():
        with sandbox() as box:
            yield box

    def test_a_visitor_logs_in(providers):
        app = create_app({"TESTING": True, "SOCIAL_SANDBOX": providers.url, ...})
        providers.login_as("ada")
        ...
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .sandbox import PEOPLE, Person, ProviderScript, Sandbox, Server

__all__ = ["ServedSandbox", "sandbox"]


class ServedSandbox(Sandbox):
    """A sandbox and the server that answers for it."""

    server: Server

    def serve(self, port: int = 0, ssl_context: ssl.SSLContext | None = None) -> None:
        """Answer on localhost, on *port* or a free one, from threads of this process."""
        self.server = Server(self, port, ssl_context)
        self.server.start()
        self.url = self.server.url
        self.connections = lambda: self.server.connections

    def go_down(self) -> None:
        """Refuse and end every connection, as an outage does."""
        self.server.stop()

    def come_up(self) -> None:
        """Answer on the same port again."""
        self.server.start()


@contextmanager
def sandbox(
    providers: Iterable[ProviderScript] = (),
    *,
    people: Iterable[Person] = PEOPLE,
    strict: bool = False,
    port: int = 0,
    ssl_context: ssl.SSLContext | None = None,
) -> Iterator[ServedSandbox]:
    """A running sandbox, see :mod:`flask_social.sandbox`; gone with the block.

    :param providers: scripts to play beside or in place of the stock ones.
    :param people: who can sign in.
    :param strict: know registered clients only.
    :param port: on localhost; 0 for a free one.
    :param ssl_context: to serve https.
    """
    box = ServedSandbox(providers, people=people, strict=strict)
    box.serve(port, ssl_context)
    try:
        yield box
    finally:
        box.release()
        box.server.close()
