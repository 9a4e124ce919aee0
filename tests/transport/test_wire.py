"""What comes back from a provider, and what is made of what should not have."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from flask_social import clock, limits
from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Request, Send
from flask_social.transport import Wire

from ..faulty import PATIENT, Exchange, Faulty, Script, head, refusing

NOW = 1_700_000_000


def asked(server: Faulty, **more: str) -> Request:
    return Request(url=f"{server.url}/a?code=s3cret", purpose="exchanging the code", **more)  # type: ignore[arg-type]


def answers(status: int = 200, body: bytes = b"{}", **headers: str) -> Script:
    return lambda exchange: exchange.reply(body, status, **headers)


def failure(script: Script, **more: str) -> ProviderError:
    with Faulty(script) as server, pytest.raises(ProviderError) as caught:
        Wire(PATIENT)(asked(server, **more))
    assert len(server.requests) == 1
    assert caught.value.step == "exchanging the code"
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def test_an_answer_comes_back_whole_with_headers_in_lower_case() -> None:
    with Faulty(
        answers(200, b'{"a": 1}', Content_Type="application/json; charset=utf-8")
    ) as server:
        response = Wire(PATIENT)(asked(server))
    assert (response.status, response.body) == (200, b'{"a": 1}')
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == {"a": 1}


def test_a_wire_is_the_function_that_protocol_code_is_handed() -> None:
    send: Send = Wire(PATIENT)
    assert callable(send)


def test_a_form_is_sent_as_one_with_its_headers() -> None:
    with Faulty(answers()) as server:
        request = Request(url=server.url + "/token", purpose="x", method="POST", form={"a": "ü &="})
        Wire(PATIENT)(request.with_headers(Authorization="Basic Zm9v"))
    received = server.requests[0]
    assert (received.method, received.target) == ("POST", "/token")
    assert received.body == b"a=%C3%BC+%26%3D"
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    assert received.headers["authorization"] == "Basic Zm9v"
    assert received.headers["accept-encoding"] == "identity"


def test_the_headers_of_a_request_come_before_our_own() -> None:
    with Faulty(answers()) as server:
        Wire(PATIENT)(asked(server, method="PUT").with_headers(user_agent="mine"))
    assert server.requests[0].headers["user-agent"] == "mine"


def test_a_body_is_sent_as_it_is() -> None:
    with Faulty(answers()) as server:
        Wire(PATIENT)(Request(url=server.url, purpose="x", method="POST", body=b'{"b": 2}'))
    assert server.requests[0].body == b'{"b": 2}'


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404])
def test_answers_below_500_are_for_the_protocol_to_read(status: int) -> None:
    with Faulty(answers(status, b'{"error": "invalid_grant"}')) as server:
        assert Wire(PATIENT)(asked(server)).status == status


def test_no_content_is_an_answer_too() -> None:
    with Faulty(lambda exchange: exchange.raw(head(204))) as server:
        assert Wire(PATIENT)(asked(server)).body == b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_not_followed(status: int, method: str) -> None:
    with Faulty(answers()) as sink:
        error = failure(answers(status, Location=sink.url + "/steal?a=b"), method=method)
    assert sink.requests == []
    assert (error.code, error.status) == ("redirected", 502)
    assert "127.0.0.1" in error.detail
    assert "steal" not in error.detail


@pytest.mark.parametrize(
    "location", ["//evil.test/x", "http://evil.test:99/?q=s3cret", "https://EVIL.test"]
)
def test_of_a_redirect_the_host_alone_is_told(location: str) -> None:
    assert failure(answers(302, Location=location)).detail.endswith("to evil.test")


@pytest.mark.parametrize("location", ["", "http://[", "http://a b/", "/same"])
def test_a_redirect_to_nowhere_is_refused_all_the_same(location: str) -> None:
    assert failure(answers(302, Location=location)).code == "redirected"


@pytest.mark.parametrize(
    ("status", "code", "ours"),
    [
        (429, "busy", 503),
        (500, "unavailable", 502),
        (501, "unavailable", 502),
        (502, "unavailable", 502),
        (503, "unavailable", 503),
        (504, "unavailable", 504),
    ],
)
def test_a_provider_in_trouble_is_unavailable(status: int, code: str, ours: int) -> None:
    error = failure(answers(status, b"<h1>Oops</h1>"), method="POST")
    assert isinstance(error, ProviderUnavailable)
    assert (error.code, error.status) == (code, ours)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("120", 120),
        ("0", 1),
        ("1000000000", 3600),
        ("9" * 5000, None),
        ("-1", None),
        ("1e9", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90),
        (format_datetime(datetime.fromtimestamp(NOW - 90, UTC), usegmt=True), 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Tue, 14 Nov 2023 22:14:50 -0000", 90),
        ("Fri, 99 Dec 2023 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read_within_bounds(told: str, seconds: int | None) -> None:
    def busy(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n")
        exchange.raw(b"Retry-After: " + told.encode() + b"\r\n\r\n")

    with clock.replaced(lambda: NOW):
        error = failure(busy)
    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after == seconds


def test_a_compressed_answer_is_refused() -> None:
    error = failure(answers(200, gzip.compress(b"{}"), Content_Encoding="gzip"))
    assert (error.code, error.status) == ("bad_answer", 502)


def test_an_answer_that_says_it_is_not_compressed_is_taken() -> None:
    with Faulty(answers(Content_Encoding="Identity")) as server:
        assert Wire(PATIENT)(asked(server)).body == b"{}"


def test_the_largest_answer_is_taken() -> None:
    with Faulty(answers(200, b"x" * limits.BODY)) as server:
        assert len(Wire(PATIENT)(asked(server)).body) == limits.BODY


def test_an_answer_announced_as_too_large_is_not_read() -> None:
    def announce(exchange: Exchange) -> None:
        exchange.raw(head(200, Content_Length=str(limits.BODY + 1)))
        exchange.stall()

    assert failure(announce).code == "bad_answer"


@pytest.mark.parametrize("length", ["1" * 30, "-5", "5, 6", "abc", "", "5\r\nContent-Length: 6"])
def test_a_content_length_in_doubt_makes_a_bad_answer(length: str) -> None:
    def flood(exchange: Exchange) -> None:
        exchange.raw(head(200, Content_Length=length))
        exchange.raw(b"x" * 10)
        exchange.hang_up()

    assert failure(flood).code == "bad_answer"


def flooding(opening: bytes, again: bytes) -> Script:
    def flood(exchange: Exchange) -> None:
        exchange.raw(opening)
        while True:
            exchange.raw(again)

    return flood


@pytest.mark.parametrize(
    ("opening", "again"),
    [
        (head(200), b"x" * 65_536),
        (head(200, Transfer_Encoding="chunked"), b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
        (head(200, Transfer_Encoding="chunked"), b"1;" + b"x" * 60_000 + b"\r\ny\r\n"),
        (head(200, Transfer_Encoding="chunked") + b"0\r\n", b"Trailer: " + b"x" * 60_000 + b"\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        (b"HTTP/1.1 200 OK\r\n", b"Header: " + b"x" * 60_000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nHeader: ", b"x" * 60_000),
        (b"", b"HTTP/1.1 "),
    ],
    ids=["body", "chunks", "extensions", "trailers", "continues", "headers", "header", "status"],
)
def test_a_flood_is_cut_off_wherever_it_comes_in(opening: bytes, again: bytes) -> None:
    assert failure(flooding(opening, again)).code == "bad_answer"


def chunked(exchange: Exchange) -> None:
    exchange.raw(head(200, Transfer_Encoding="chunked") + b"2\r\n{}\r\n0\r\n\r\n")


def test_an_answer_in_chunks_is_put_together_and_its_connection_kept() -> None:
    with Faulty(chunked) as server:
        wire = Wire(PATIENT)
        assert [wire(asked(server)).body for _ in range(3)] == [b"{}"] * 3
    assert server.connections == 1


WHOLE = head(200, Content_Length="10") + b"0123456789"
IN_CHUNKS = head(200, Transfer_Encoding="chunked") + b"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"


@pytest.mark.parametrize("octets", [WHOLE[: -cut or None] for cut in range(1, len(WHOLE))])
def test_an_answer_cut_off_anywhere_is_no_answer(octets: bytes) -> None:
    error = failure(cut_off(octets), method="POST")
    assert error.code in ("bad_answer", "unreachable")


@pytest.mark.parametrize(
    "octets",
    [IN_CHUNKS[:cut] for cut in range(IN_CHUNKS.index(b"\r\n\r\n") + 4, len(IN_CHUNKS) - 4)],
)
def test_chunks_cut_off_anywhere_are_a_bad_answer(octets: bytes) -> None:
    assert failure(cut_off(octets)).code == "bad_answer"


def cut_off(octets: bytes) -> Script:
    def cut(exchange: Exchange) -> None:
        exchange.raw(octets)
        exchange.hang_up()

    return cut


@pytest.mark.parametrize(
    "octets", [b"\x16\x03\x01 what?\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"]
)
def test_what_is_not_http_is_a_bad_answer(octets: bytes) -> None:
    assert failure(cut_off(octets)).code == "bad_answer"


def test_switching_protocols_is_a_bad_answer() -> None:
    assert failure(cut_off(head(101))).code == "bad_answer"


def test_nobody_listening_is_unreachable() -> None:
    with refusing() as port, pytest.raises(ProviderUnavailable) as caught:
        Wire(PATIENT)(Request(url=f"http://127.0.0.1:{port}/?code=s3cret", purpose="discovery"))
    assert (caught.value.code, caught.value.status) == ("unreachable", 503)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["nobody" * 10 + ".test" + ".x" * 150, "a" * 64 + ".test", "a..test"]
)
def test_a_host_that_does_not_exist_is_unreachable(host: str) -> None:
    with pytest.raises(ProviderError) as caught:
        Wire(PATIENT)(Request(url=f"http://{host}/?code=s3cret", purpose="discovery"))
    assert caught.value.code == "unreachable"
    assert "s3cret" not in str(caught.value)


def test_plain_http_is_refused_unless_allowed() -> None:
    with Faulty(answers()) as server, pytest.raises(ProviderError) as caught:
        Wire()(asked(server))
    assert caught.value.code == "insecure"
    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.test/",
        "file:///etc/passwd",
        "//a.test/",
        "/path",
        "",
        "https://",
        "https://user:s3cret@a.test/",
        "https://user@a.test/",
        "https://[::1",
        "https://a.test:99999/",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ProviderError) as caught:
        Wire(PATIENT)(Request(url=url, purpose="testing"))
    assert caught.value.code == "bad_address"
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("value", ["s3cret\r\nX-Evil: 1", "s3cret\n", "s3cret\u0416"])
def test_a_header_that_cannot_be_sent_is_refused_without_repeating_it(value: str) -> None:
    with Faulty(answers()) as server, pytest.raises(ProviderError) as caught:
        Wire(PATIENT)(asked(server).with_headers(Authorization=value))
    assert server.requests == []
    assert "s3cret" not in str(caught.value)


def test_nothing_of_an_address_or_an_answer_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    def odd(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nnot a header s3cret\r\n\r\n{}")

    with caplog.at_level(logging.DEBUG), Faulty(odd) as server:
        Wire(PATIENT)(asked(server))
    assert "s3cret" not in caplog.text


def test_the_environment_and_netrc_change_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with Faulty(answers()) as proxy, Faulty(answers()) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.lower(), proxy.url)
        Wire(PATIENT)(asked(server))
    assert proxy.connections == 0
    assert "authorization" not in server.requests[0].headers


def counting(calls: int) -> Callable[[Exchange], None]:
    def answer(exchange: Exchange) -> None:
        exchange.reply(f"{exchange.nth} of {calls}".encode())

    return answer


def test_connections_are_kept_and_shared_between_applications() -> None:
    with Faulty(counting(4)) as server:
        one, other = Wire(PATIENT), Wire(replace(PATIENT, read_timeout=50))
        bodies = [wire(asked(server)).body for wire in (one, other, one.for_request(), other)]
    assert bodies == [b"1 of 4", b"2 of 4", b"3 of 4", b"4 of 4"]
    assert server.connections == 1


def test_after_an_answer_refused_the_next_gets_a_connection_of_its_own() -> None:
    def twice(exchange: Exchange) -> None:
        big = len(server.requests) == 1
        exchange.reply(b"x" * (limits.BODY + 1) if big else b"{}")

    with Faulty(twice) as server:
        wire = Wire(PATIENT)
        with pytest.raises(ProviderError):
            wire(asked(server))
        assert wire(asked(server)).body == b"{}"
    assert server.connections == 2
