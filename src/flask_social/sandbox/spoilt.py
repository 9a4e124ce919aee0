"""Faults in the octets of an answer: cut off, slow, padded, compressed, mislabelled."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat

from werkzeug.wrappers import Request, Response

from .faults import Fault

PIECE = 1_048_576
BLANKS = b" " * PIECE


@dataclass
class Truncate(Fault):
    """The connection ends after *length* bytes of the body."""

    length: int

    def after(self, request: Request, response: Response) -> Response:
        body = response.get_data()
        response.response = iter([body[: self.length]])
        response.headers["Content-Length"] = str(len(body))
        return response


@dataclass
class Drip(Fault):
    """The body comes one byte every *seconds*."""

    seconds: float
    released: threading.Event = field(default_factory=threading.Event)

    def after(self, request: Request, response: Response) -> Response:
        body = response.get_data()
        response.response = self.drops(body)
        response.headers["Content-Length"] = str(len(body))
        return response

    def drops(self, body: bytes) -> Iterator[bytes]:
        """*body*, slowly."""
        for position in range(len(body)):
            self.released.wait(self.seconds)
            yield body[position : position + 1]

    def release(self) -> None:
        self.released.set()


@dataclass
class Size(Fault):
    """The body is padded with blanks to *size* bytes, made as they go out; JSON stays JSON."""

    size: int

    def after(self, request: Request, response: Response) -> Response:
        body = response.get_data()
        blanks, rest = divmod(max(0, self.size - len(body)), PIECE)
        response.response = chain([body], repeat(BLANKS, blanks), [BLANKS[:rest]])
        response.headers["Content-Length"] = str(max(self.size, len(body)))
        return response


@dataclass
class Gzip(Fault):
    """The body is compressed, padded to *size* bytes before: ten megabytes may be ten thousand.

    The padding is a row of gzip members (RFC 1952 section 2.2), so that no bomb is ever made whole.
    """

    size: int = 0

    def after(self, request: Request, response: Response) -> Response:
        body = response.get_data()
        blanks, rest = divmod(max(0, self.size - len(body)), PIECE)
        first, piece = gzip.compress(body + BLANKS[:rest]), gzip.compress(BLANKS)
        response.response = chain([first], repeat(piece, blanks))
        response.headers["Content-Length"] = str(len(first) + blanks * len(piece))
        response.headers["Content-Encoding"] = "gzip"
        return response


@dataclass
class Headers(Fault):
    """Other headers, such as a ``Content-Type``."""

    headers: Mapping[str, str]

    def after(self, request: Request, response: Response) -> Response:
        response.headers.update(self.headers)
        return response


@dataclass
class Charset(Fault):
    """The body in another encoding, and declared so."""

    charset: str

    def after(self, request: Request, response: Response) -> Response:
        response.set_data(response.get_data().decode().encode(self.charset))
        response.headers["Content-Type"] = f"{response.mimetype}; charset={self.charset}"
        return response
