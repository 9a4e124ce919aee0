"""Deadlines that hold against servers that stall and drip; connections kept, closed and forked."""

from __future__ import annotations

import os
import select
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
import trustme

from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Request
from flask_social.transport import TransportOptions, Wire, pool
from flask_social.transport.connections import IDLE

from ..faulty import PATIENT, TRIES, Exchange, Faulty, Script, Watch, head, refusing, server_tls


def hasty(seconds: float) -> TransportOptions:
    """One wait may take a minute, the call may not: what ends is ended by the total."""
    return replace(PATIENT, call_timeout=seconds)


def asked(server: Faulty, method: str = "GET") -> Request:
    return Request(url=f"{server.url}/a?code=s3cret", purpose="exchanging the code", method=method)


def body(exchange: Exchange) -> None:
    exchange.raw(head(200, Content_Length="1000000"))
    exchange.drip(b"x" * 1_000_000)


def chunks(exchange: Exchange) -> None:
    exchange.raw(head(200, Transfer_Encoding="chunked"))
    exchange.drip(b"1\r\nx\r\n" * 100_000)


def until_closed(exchange: Exchange) -> None:
    exchange.raw(head(200))
    exchange.drip(b"x" * 1_000_000)


def headers(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 90 + b"X: " + b"y" * 60_000)


def status(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 " + b"x" * 60_000)


def continues(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000)


def silence(exchange: Exchange) -> None:
    exchange.stall()


def half_an_answer(exchange: Exchange) -> None:
    exchange.raw(head(200, Content_Length="10") + b"01234")
    exchange.stall()


def too_slow(
    script: Script,
    options: Callable[[float], TransportOptions],
    method: str = "GET",
    tls: ssl.SSLContext | None = None,
) -> None:
    for seconds in TRIES:
        with Faulty(script, tls) as server, pytest.raises(ProviderUnavailable) as caught:
            Wire(options(seconds))(asked(server, method))
        assert (caught.value.code, caught.value.status) == ("too_slow", 504)
        assert "s3cret" not in str(caught.value)
        if server.requests:
            break
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "script",
    [body, chunks, until_closed, headers, status, continues, silence, half_an_answer],
    ids=lambda script: script.__name__,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_server_outlasts_the_total_of_a_call(script: Script, method: str) -> None:
    too_slow(script, hasty, method)


@pytest.mark.parametrize("script", [silence, half_an_answer], ids=lambda script: script.__name__)
def test_no_single_wait_outlasts_the_read_timeout(script: Script) -> None:
    too_slow(script, lambda seconds: replace(PATIENT, read_timeout=seconds))


def test_no_server_outlasts_the_total_over_tls(authority: trustme.CA, ca_bundle: str) -> None:
    too_slow(
        body,
        lambda seconds: replace(hasty(seconds), ca_bundle=ca_bundle),
        tls=server_tls(authority),
    )


def test_a_handshake_that_never_comes_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(hasty(0.3))(Request(url=url, purpose="x"))
    assert (caught.value.code, caught.value.status) == ("too_slow", 504)


def test_a_handshake_has_the_connect_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        options = replace(PATIENT, connect_timeout=0.2)
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(options)(Request(url=url, purpose="x"))
    assert caught.value.code == "too_slow"


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels refuse what does not fit")
def test_a_host_that_takes_no_connections_is_too_slow() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = []
        for _ in range(4):  # the kernel drops what the queue has no place for
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        options = TransportOptions(allow_http=True, connect_timeout=0.2)
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(options)(Request(url=url, purpose="x"))
        for filler in fillers:
            filler.close()
    assert (caught.value.code, caught.value.status) == ("too_slow", 504)


@pytest.mark.parametrize("secure", [False, True])
def test_a_server_that_does_not_read_is_too_slow(
    secure: bool, authority: trustme.CA, ca_bundle: str
) -> None:
    def unread(exchange: Exchange) -> None:
        exchange.stopping.wait(60)
        exchange.hang_up()

    options = replace(hasty(0.5), ca_bundle=ca_bundle)
    tls = server_tls(authority) if secure else None
    # The head alone is read: the server is busy with it while the body queues up.
    headers, body = {"Content-Length": "0"}, b"x" * 64_000_000
    with Faulty(unread, tls) as server:
        huge = Request(url=server.url, purpose="x", method="POST", headers=headers, body=body)
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(options)(huge)
    assert caught.value.status == 504


def test_all_addresses_of_a_host_are_tried_within_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address refuses, the second answers: as a host with a dead IPv6 does."""
    lookup = socket.getaddrinfo

    def two(host: str, port: int, *args: int, **more: int) -> list[object]:
        ports = (dead_port, port) if host == "provider.test" else (port,)
        numeric = "127.0.0.1" if host == "provider.test" else host
        return [found for each in ports for found in lookup(numeric, each, *args, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with refusing() as dead_port, Faulty(lambda exchange: exchange.reply(b"{}")) as server:
        url = f"http://provider.test:{server.port}/"
        assert Wire(PATIENT)(Request(url=url, purpose="x")).body == b"{}"


def test_all_calls_of_one_web_request_share_its_time() -> None:
    for seconds in TRIES:
        with Faulty(silence) as server:
            wire = Wire(replace(PATIENT, request_timeout=seconds)).for_request()
            with pytest.raises(ProviderUnavailable):
                wire(asked(server))
            with pytest.raises(ProviderUnavailable) as caught:
                wire(asked(server, "POST"))
            with pytest.raises(ProviderUnavailable):
                wire.cached(asked(server), lambda response: response.body)
        assert (caught.value.code, caught.value.status) == ("too_slow", 504)
        if server.requests:
            break
    assert len(server.requests) == 1


def test_one_web_request_does_not_take_another_ones_time(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    monkeypatch.setattr("flask_social.transport.time", watch)
    with Faulty(lambda exchange: exchange.reply(b"{}")) as server:
        wire = Wire(PATIENT)
        late = wire.for_request()
        watch.ahead += PATIENT.request_timeout
        with pytest.raises(ProviderUnavailable) as caught:
            late(asked(server))
        assert wire.for_request()(asked(server)).body == b"{}"
    assert (caught.value.code, len(server.requests)) == ("too_slow", 1)


def closing_after_the_first(exchange: Exchange) -> None:
    exchange.reply(b"{}")
    exchange.keep = False


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_was_closed_in_the_meantime_is_replaced(method: str) -> None:
    with Faulty(closing_after_the_first) as server:
        wire = Wire(PATIENT)
        for _ in range(3):
            assert wire(asked(server, method)).body == b"{}"
            assert server.closed.acquire(timeout=60)
            the_end_has_come(server)
    assert (server.connections, len(server.requests)) == (3, 3)


def the_end_has_come(server: Faulty) -> None:
    """Wait until this side, too, knows that the connection it keeps was closed."""
    kept = pool(PATIENT).connection_from_url(server.url).pool
    assert kept is not None
    assert select.select([kept.queue[-1].sock], [], [], 60)[0]


def hanging_up_on_the_second(exchange: Exchange) -> None:
    if exchange.nth == 2:
        exchange.hang_up()
    else:
        exchange.reply(b"{}")


def test_a_get_that_meets_a_closing_connection_is_sent_once_more() -> None:
    with Faulty(hanging_up_on_the_second) as server:
        wire = Wire(PATIENT)
        assert [wire(asked(server)).body for _ in range(2)] == [b"{}", b"{}"]
    assert (server.connections, len(server.requests)) == (2, 3)


def test_a_get_is_sent_twice_at_most() -> None:
    def hang_up_for_good(exchange: Exchange) -> None:
        if len(server.requests) == 1:
            exchange.reply(b"{}")
        else:
            exchange.hang_up()

    with Faulty(hang_up_for_good) as server:
        wire = Wire(PATIENT)
        wire(asked(server))
        with pytest.raises(ProviderUnavailable) as caught:
            wire(asked(server))
    assert len(server.requests) == 3
    assert caught.value.code == "unreachable"


def test_a_get_on_a_new_connection_is_not_repeated() -> None:
    with Faulty(lambda exchange: exchange.hang_up()) as server, pytest.raises(ProviderUnavailable):
        Wire(PATIENT)(asked(server))
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_but_a_get_is_ever_sent_twice(method: str) -> None:
    with Faulty(hanging_up_on_the_second) as server:
        wire = Wire(PATIENT)
        wire(asked(server, method))
        with pytest.raises(ProviderUnavailable) as caught:
            wire(asked(server, method))
    assert (server.connections, len(server.requests)) == (1, 2)
    assert caught.value.code == "unreachable"


def test_a_get_is_not_repeated_once_its_answer_has_begun() -> None:
    def cut_the_second(exchange: Exchange) -> None:
        if exchange.nth == 2:
            exchange.raw(head(200, Content_Length="10") + b"123")
            exchange.hang_up()
        else:
            exchange.reply(b"{}")

    with Faulty(cut_the_second) as server:
        wire = Wire(PATIENT)
        wire(asked(server))
        with pytest.raises(ProviderError) as caught:
            wire(asked(server))
    assert len(server.requests) == 2
    assert caught.value.code == "bad_answer"


@pytest.mark.parametrize("octets", [6, 60_000])
def test_an_answer_nobody_asked_for_is_not_taken_for_the_next(octets: int) -> None:
    answer = head(200, Content_Length="2") + b"{}"
    forged = head(200, Content_Length=str(octets)) + b"f" * octets
    with Faulty(lambda exchange: exchange.raw(answer + forged)) as server:
        wire = Wire(PATIENT)
        assert [wire(asked(server)).body for _ in range(3)] == [b"{}"] * 3


def test_a_connection_idle_for_long_is_not_trusted_with_a_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flask_social.transport.connections.IDLE", 0.0)
    assert IDLE > 0
    with Faulty(lambda exchange: exchange.reply(b"{}")) as server:
        wire = Wire(PATIENT)
        for _ in range(2):
            wire(asked(server, "POST"))
    assert server.connections == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # the server's threads
def test_a_forked_child_opens_connections_of_its_own() -> None:
    with Faulty(lambda exchange: exchange.reply(f"request {exchange.nth}".encode())) as server:
        wire = Wire(PATIENT)
        assert wire(asked(server)).body == b"request 1"
        assert in_a_child(lambda: wire(asked(server)).body == b"request 1")
        assert wire(asked(server)).body == b"request 2"
    assert server.connections == 2


def in_a_child(check: Callable[[], bool]) -> bool:
    """Whether *check* holds in a forked child, which then ends without the parent's clean-up."""
    if (child := os.fork()) == 0:
        try:
            os._exit(0 if check() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
