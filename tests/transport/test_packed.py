"""Answers that come compressed, of a provider that compresses whatever it is asked for."""

from __future__ import annotations

import gzip
import zlib

import pytest

from flask_social import limits
from flask_social.errors import ProviderError
from flask_social.http import Request
from flask_social.transport import Wire
from tests.faulty import PATIENT, Faulty
from tests.transport.test_wire import answers

PACKED = gzip.compress(b'{"id": 7}')


def fetched(body: bytes, *, asking: str = "gzip", encoding: str = "gzip") -> bytes:
    """The body as the wire hands it on."""
    with Faulty(answers(200, body, Content_Encoding=encoding)) as server:
        request = Request(url=server.url, purpose="x", headers={"Accept-Encoding": asking})
        return Wire(PATIENT)(request).body


def refused(body: bytes, **how: str) -> str:
    """What is wrong with the body."""
    with pytest.raises(ProviderError) as caught:
        fetched(body, **how)
    assert caught.value.code == "bad_answer"
    return str(caught.value.detail)


@pytest.mark.parametrize("encoding", ["gzip", " GZIP "])
def test_what_was_asked_for_is_unpacked(encoding: str) -> None:
    assert fetched(PACKED, encoding=encoding) == b'{"id": 7}'


def test_an_answer_that_is_not_compressed_is_taken_all_the_same() -> None:
    assert fetched(b"{}", encoding="identity") == b"{}"


@pytest.mark.parametrize(
    ("asking", "encoding"), [("identity", "gzip"), ("gzip", "deflate"), ("gzip", "gzip, gzip")]
)
def test_no_other_encoding_is_taken(asking: str, encoding: str) -> None:
    assert "not asked for" in refused(PACKED, asking=asking, encoding=encoding)


def test_the_largest_answer_is_unpacked() -> None:
    assert fetched(gzip.compress(b"x" * limits.BODY)) == b"x" * limits.BODY


@pytest.mark.parametrize("size", [limits.BODY + 1, 500 * limits.BODY])
def test_a_bomb_is_not_unpacked(size: int) -> None:
    packing = zlib.compressobj(wbits=31)
    chunk = b"\0" * limits.BODY
    whole, rest = divmod(size, len(chunk))
    body = b"".join(packing.compress(chunk) for _ in range(whole))
    assert "larger than" in refused(body + packing.compress(chunk[:rest]) + packing.flush())


def test_what_is_cut_short_is_refused() -> None:
    assert "cut short" in refused(PACKED[:-9])


def test_what_is_something_else_is_refused() -> None:
    assert "not compressed as it says" in refused(b"{}" * 20)
