"""An answer's body, whole and within the limit, also where it comes compressed."""

from __future__ import annotations

import zlib

from urllib3.response import BaseHTTPResponse

from .. import limits
from ..errors import ProviderError

GZIP = "gzip"
PIECE = 65_536
_GZIP_WINDOW = zlib.MAX_WBITS | 16
"""What makes zlib read a gzip header, and no other."""


def encoding_of(answer: BaseHTTPResponse) -> str:
    """How the body is encoded, in lower case; an empty text where it is not."""
    name = str(answer.headers.get("Content-Encoding", "identity")).strip().lower()
    return "" if name == "identity" else name


def check(answer: BaseHTTPResponse, accepted: str, step: str) -> None:
    """:raises ProviderError: when the body is encoded in a way that was not asked for."""
    name = encoding_of(answer)
    if name and not (name == GZIP and GZIP in accepted.lower()):
        raise ProviderError(step, "bad_answer", "compressed, which was not asked for")


def body_of(answer: BaseHTTPResponse, step: str) -> bytes:
    """The body. No more of it is unpacked than may be kept, however little came.

    :raises ProviderError: when it is larger than the limit, or is not what it says.
    """
    if (answer.length_remaining or 0) > limits.BODY:
        raise _too_large(step)
    unpacking = zlib.decompressobj(_GZIP_WINDOW) if encoding_of(answer) == GZIP else None
    body = b""
    while piece := answer.read(PIECE, decode_content=False):
        if unpacking is None:
            body += piece
        else:
            body += _unpacked(unpacking, piece, limits.BODY + 1 - len(body), step)
        if len(body) > limits.BODY:
            raise _too_large(step)
    if unpacking is not None and not unpacking.eof:
        raise ProviderError(step, "bad_answer", "the compressed answer is cut short")
    return body


def _unpacked(unpacking: zlib._Decompress, piece: bytes, room: int, step: str) -> bytes:
    try:
        return unpacking.decompress(piece, room)
    except zlib.error:
        raise ProviderError(step, "bad_answer", "the answer is not compressed as it says") from None


def _too_large(step: str) -> ProviderError:
    return ProviderError(step, "bad_answer", f"larger than {limits.BODY} bytes")
