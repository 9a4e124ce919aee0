"""A small threaded HTTP/1.1 server with kept-alive connections, which it counts.

Werkzeug's development server closes the connection after each answer, so that nobody could show
with it that a client keeps its connections.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from .faults import ConnectionCut

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

WSGI_CONSTANTS = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


class Handler(BaseHTTPRequestHandler):
    """One connection; each request on it is passed to the WSGI application."""

    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def serve(self) -> None:
        """Answer one request; a broken answer ends the connection."""
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *rest: Any) -> None:
            started[:] = [status, headers]

        try:
            parts = self.server.app(self.environ(), start_response)
            self.write(started[0], started[1], parts)
        except ConnectionCut:
            self.reset()
        except OSError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve  # noqa: N815

    def environ(self) -> dict[str, Any]:
        """The WSGI environment of the request (PEP 3333), its body read already."""
        target = urlsplit(self.path)
        host, port = self.server.server_address[:2]
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(target.path, "latin-1"),
            "QUERY_STRING": target.query,
            "REQUEST_URI": self.path,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "wsgi.url_scheme": self.server.scheme,
            "wsgi.errors": sys.stderr,
        }
        body = self.body()
        environ |= {
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            "wsgi.input_terminated": True,
        }
        return WSGI_CONSTANTS | environ | self.header_variables()

    def header_variables(self) -> dict[str, str]:
        """The request's headers as WSGI names them; repeated ones joined (RFC 9110 section 5.3)."""
        return {
            "HTTP_" + name.upper().replace("-", "_"): ",".join(self.headers.get_all(name, []))
            for name in set(self.headers.keys())
        }

    def body(self) -> bytes:
        """The request's body, whole."""
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def write(self, status: str, headers: list[tuple[str, str]], parts: Iterable[bytes]) -> None:
        """Send the answer. Fewer bytes than it announces: the connection ends there."""
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        declared = {name.lower(): value for name, value in headers}
        if "date" not in declared:
            self.send_header("Date", self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)
        bare = self.command == "HEAD" or int(code) in (204, 304)
        if "content-length" not in declared and not bare:
            self.send_header("Connection", "close")
        self.end_headers()
        sent = 0
        for part in [] if bare else parts:
            self.wfile.write(part)
            sent += len(part)
        if not bare and sent < int(declared.get("content-length", sent)):
            self.close_connection = True

    def reset(self) -> None:
        """End the connection by a reset (a linger time of zero makes the kernel send one)."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.forget(self.connection)
        self.connection.close()

    def log_message(self, *args: Any) -> None:
        """Requests carry secrets: no access log."""


class Listener(ThreadingHTTPServer):
    """The listening socket and the open connections."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, app: Wsgi, port: int, ssl_context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.app = app
        self.ssl_context = ssl_context
        self.scheme = "https" if ssl_context else "http"
        self.accepted = 0
        self.open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.accepted += 1
        self.open.add(connection)
        return connection, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.ssl_context is None:
            super().finish_request(request, client_address)
            return
        with self.ssl_context.wrap_socket(request, server_side=True) as wrapped:
            self.open.add(wrapped)
            self.forget(request)
            super().finish_request(wrapped, client_address)
            self.forget(wrapped)

    def shutdown_request(self, request: Any) -> None:
        self.forget(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or does not like our certificate, is no news."""
        if not isinstance(sys.exc_info()[1], OSError | ValueError):
            super().handle_error(request, client_address)

    def forget(self, connection: Any) -> None:
        """The connection has ended."""
        self.open.discard(connection)

    def end_connections(self) -> None:
        """Hang up on everybody."""
        for connection in list(self.open):
            self.forget(connection)
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Server:
    """An application served on localhost by threads of this process."""

    def __init__(self, app: Wsgi, port: int = 0, ssl_context: ssl.SSLContext | None = None) -> None:
        self.app = app
        self.port = port
        self.ssl_context = ssl_context
        self.listener: Listener | None = None
        self.held: socket.socket | None = None
        self.earlier_connections = 0

    @property
    def url(self) -> str:
        """Where it answers, once started; ends in a slash."""
        scheme = "https" if self.ssl_context else "http"
        return f"{scheme}://localhost:{self.port}/"

    @property
    def connections(self) -> int:
        """How many TCP connections were accepted since the first start."""
        return self.earlier_connections + (self.listener.accepted if self.listener else 0)

    def start(self) -> None:
        """Listen on the port, or on a free one the first time."""
        self.give_back()
        self.listener = Listener(self.app, self.port, self.ssl_context)
        self.port = self.listener.server_port
        threading.Thread(target=self.listener.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse all connections and end those there are; :meth:`start` opens the same port again.

        It stays ours meanwhile, so that no stranger answers there; :meth:`close` gives it back.
        """
        if self.listener is None:
            return
        self.listener.shutdown()
        self.listener.server_close()
        self.listener.end_connections()
        self.earlier_connections += self.listener.accepted
        self.listener = None
        self.held = socket.socket()
        self.held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.held.bind(("127.0.0.1", self.port))

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self.give_back()

    def give_back(self) -> None:
        """Let go of the port that an outage holds."""
        if self.held is not None:
            self.held.close()
            self.held = None
