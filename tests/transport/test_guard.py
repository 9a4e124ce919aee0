"""Hosts that somebody else than the operator named: public addresses alone, pinned (A34)."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests
import trustme
from urllib3.util.connection import create_connection

from flask_social import limits
from flask_social.api import ApiSession
from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Request
from flask_social.protocols.credentials import bearer
from flask_social.transport import TransportOptions, Wire, names, pool
from flask_social.transport.guard import is_public
from flask_social.transport.names import Address
from flask_social.values import Client, Token

from ..faulty import PATIENT, Exchange, Faulty, server_tls
from .test_tls import tunnel

GUARDED = replace(PATIENT, allow_http=False, guarded=True)
PUBLIC = "93.184.215.14"


def well(exchange: Exchange) -> None:
    exchange.reply(f"request {exchange.nth}".encode())


def asked(url: str) -> Request:
    return Request(url=f"{url}/a?code=s3cret", purpose="finding the way", method="POST")


class Book:
    """Answers for every name with what comes next, and keeps who asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(address, port) for address in found]


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A service that only this machine can reach."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.fixture
def roads(monkeypatch: pytest.MonkeyPatch) -> list[Address]:
    """Where sockets were to lead. All of them lead to 127.0.0.1."""
    taken: list[Address] = []

    def divert(address: Address, *rest: object, **more: object) -> socket.socket:
        taken.append(address)
        return create_connection(("127.0.0.1", address[1]), *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("flask_social.transport.connections.create_connection", divert)
    return taken


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "192.0.0.192",
        "192.88.99.1",
        "3fff::1",
        "2001:db8::1",
        "fe80::1",
        "fe80::1%1",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_not_everybody_can_reach_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        PUBLIC,
        "100.63.255.255",
        "100.128.0.0",
        "172.32.0.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_an_address_that_everybody_can_reach_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1:{port}",
        "127.1:{port}",
        "2130706433:{port}",
        "0x7f.1:{port}",
        "0x7f000001:{port}",
        "0177.0.0.1:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "[::ffff:7f00:1]:{port}",
        "0.0.0.0:{port}",
        "0:{port}",
        "localhost:{port}",
        "LOCALHOST.:{port}",
        "\uff4cocalhost:{port}",
        "127\u30020\u30020\u30021:{port}",
        "169.254.169.254",
        "[::ffff:10.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "10.0.0.1:22",
        "[fe80::1%251]:{port}",
    ],
)
def test_no_way_to_write_a_private_address_gets_a_packet_there(place: str) -> None:
    with listening() as listener:
        url = "https://" + place.format(port=listener.getsockname()[1])
        with pytest.raises(ProviderError) as caught:
            Wire(GUARDED)(asked(url))
    # The others are for what the system's resolver, or the parser of addresses, knows nothing of.
    assert caught.value.code in ("private_address", "unreachable", "bad_address")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("place", ["127.0.0.1", "2130706433", "localhost", "169.254.169.254"])
def test_the_operator_is_told_the_host(place: str) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        Wire(GUARDED)(asked(f"https://{place}"))
    assert (caught.value.code, caught.value.step) == ("private_address", "finding the way")
    assert caught.value.detail == f"finding the way: {place}"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("http://{host}", "insecure"),
        ("https://localhost@{host}", "bad_address"),
        ("https://evil.example@{host}", "bad_address"),
        ("https://user:s3cret@{host}", "bad_address"),
        ("file:///etc/passwd", "bad_address"),
        ("gopher://{host}", "bad_address"),
        ("//{host}", "bad_address"),
        ("unix:/run/docker.sock", "bad_address"),
    ],
)
def test_what_is_no_https_address_is_refused_as_ever(place: str, code: str) -> None:
    with listening() as listener:
        url = place.format(host=f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(ProviderError) as caught:
            Wire(GUARDED)(asked(url))
        assert caught.value.code == code
        assert "s3cret" not in str(caught.value)


def test_plain_http_is_guarded_where_it_is_allowed() -> None:
    with listening() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(replace(GUARDED, allow_http=True))(asked(url))
    assert caught.value.code == "private_address"


def test_one_private_address_among_public_ones_is_enough() -> None:
    with listening() as listener:
        url = f"https://evil.example:{listener.getsockname()[1]}"
        with (
            names.replaced(Book([PUBLIC, "127.0.0.1"])),
            pytest.raises(ProviderUnavailable) as caught,
        ):
            Wire(GUARDED)(asked(url))
    assert caught.value.code == "private_address"


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    authority: trustme.CA, ca_bundle: str, roads: list[Address]
) -> None:
    """A name server that rebinds: what was judged is what is connected to."""
    book = Book([PUBLIC], ["127.0.0.1"])
    with Faulty(well, server_tls(authority, "rebind.example")) as server, names.replaced(book):
        answer = Wire(replace(GUARDED, ca_bundle=ca_bundle))(
            asked(f"https://rebind.example:{server.port}")
        )
    assert answer.body == b"request 1"
    assert (book.asked, roads) == (["rebind.example"], [(PUBLIC, server.port)])


def test_a_name_that_has_rebound_is_refused_when_a_connection_is_made_anew(
    authority: trustme.CA, ca_bundle: str, roads: list[Address]
) -> None:
    book = Book([PUBLIC], ["127.0.0.1"])

    def once(exchange: Exchange) -> None:
        exchange.reply(b"{}", Connection="close")
        exchange.hang_up()

    with Faulty(once, server_tls(authority, "later.example")) as server, names.replaced(book):
        wire = Wire(replace(GUARDED, ca_bundle=ca_bundle))
        url = f"https://later.example:{server.port}"
        assert wire(asked(url)).body == b"{}"
        with pytest.raises(ProviderUnavailable) as caught:
            wire(asked(url))
    assert caught.value.code == "private_address"
    assert roads == [(PUBLIC, server.port)]


def test_the_certificate_is_that_of_the_name_although_the_address_is_pinned(
    authority: trustme.CA, ca_bundle: str, roads: list[Address]
) -> None:
    wire = Wire(replace(GUARDED, ca_bundle=ca_bundle))
    with Faulty(well, server_tls(authority, PUBLIC)) as server:
        ask = asked(f"https://named.example:{server.port}")
        with names.replaced(Book([PUBLIC])), pytest.raises(ProviderUnavailable) as caught:
            wire(ask)
    assert caught.value.code == "unreachable"
    assert caught.value.detail.startswith("finding the way: TLS: Hostname mismatch")
    assert roads == [(PUBLIC, server.port)]
    assert server.requests == []


def test_the_server_is_told_the_name(
    authority: trustme.CA, ca_bundle: str, roads: list[Address]
) -> None:
    told: list[str] = []
    context = server_tls(authority, "b\u00fccher.example")
    context.sni_callback = lambda _sock, name, _context: told.append(str(name))
    wire = Wire(replace(GUARDED, ca_bundle=ca_bundle))
    with Faulty(well, context) as server, names.replaced(Book([PUBLIC])):
        assert wire(asked(f"https://B\u00dcCHER.example.:{server.port}")).status == 200
    assert told == ["xn--bcher-kva.example"]
    assert server.requests[0].headers["host"] == f"xn--bcher-kva.example:{server.port}"


@pytest.mark.parametrize("listed", ["inside.example", "Inside.Example."])
def test_a_host_that_the_operator_lists_may_be_a_private_one(
    listed: str, authority: trustme.CA, ca_bundle: str
) -> None:
    options = replace(GUARDED, ca_bundle=ca_bundle, private_hosts=(listed,))
    tls = server_tls(authority, "inside.example", "other.example")
    with Faulty(well, tls) as server, names.replaced(Book(["127.0.0.1"])):
        assert Wire(options)(asked(f"https://inside.example:{server.port}")).status == 200
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(options)(asked(f"https://other.example:{server.port}"))
    assert caught.value.code == "private_address"


def test_a_host_may_be_listed_with_a_port_alone(authority: trustme.CA, ca_bundle: str) -> None:
    tls = server_tls(authority, "inside.example")
    with (
        listening() as listener,
        Faulty(well, tls) as server,
        names.replaced(Book(["127.0.0.1"])),
    ):
        listed = (f"Inside.example:{server.port}",)
        options = replace(GUARDED, ca_bundle=ca_bundle, private_hosts=listed)
        assert Wire(options)(asked(f"https://inside.example:{server.port}")).status == 200
        with pytest.raises(ProviderUnavailable, match="private_address"):
            Wire(options)(asked(f"https://inside.example:{listener.getsockname()[1]}"))


def test_a_connection_that_nobody_judged_is_not_there_for_a_guarded_call() -> None:
    plain = replace(PATIENT, allow_http=True)
    guarded = replace(plain, guarded=True)
    with Faulty(well) as server:
        assert Wire(plain)(asked(server.url)).body == b"request 1"
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(guarded)(asked(server.url))
        listed = replace(guarded, private_hosts=("127.0.0.1",))
        assert Wire(listed)(asked(server.url)).body == b"request 1"
        with pytest.raises(ProviderUnavailable):
            Wire(guarded)(asked(server.url))
    assert caught.value.code == "private_address"
    assert server.connections == 2
    pools = {id(pool(each)) for each in (plain, guarded, listed)}
    assert len(pools) == 3
    assert pool(replace(plain, private_hosts=("a",))) is pool(plain)


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    def unknown(host: str, port: int) -> Sequence[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for book in (unknown, Book([])):
        with names.replaced(book), pytest.raises(ProviderUnavailable) as caught:
            Wire(GUARDED)(asked("https://nobody.example"))
        assert caught.value.code == "unreachable"


def test_a_name_server_that_is_silent_does_not_outlast_the_call() -> None:
    done = threading.Event()

    def silent(host: str, port: int) -> Sequence[Address]:
        done.wait(60)
        return [(PUBLIC, port)]

    with names.replaced(silent), pytest.raises(ProviderUnavailable) as caught:
        Wire(replace(GUARDED, call_timeout=0.1))(asked("https://slow.example"))
    done.set()
    assert (caught.value.code, caught.value.status) == ("too_slow", 504)


def session(options: TransportOptions, url: str) -> ApiSession:
    token = Token(access_token="s3cret")
    return ApiSession(
        base_url=url, token=token, client=Client(id="us"), token_use=bearer, options=options
    )


@pytest.mark.parametrize("guarded", [True, False])
def test_an_api_of_a_stranger_answers_so_much_and_no_more(
    guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STRANGERS_BODY", 4_000)
    options = replace(PATIENT, guarded=guarded, private_hosts=("127.0.0.1",))
    with Faulty(lambda exchange: exchange.reply(b"x" * 100_000)) as server:
        api = session(options, server.url)
        assert api.get("me", stream=True).raw.read(9_000) == b"x" * 9_000, "as asked for"
        if not guarded:
            assert len(api.get("me").content) == 100_000, "the operator's own may be any size"
            return
        with pytest.raises(requests.RequestException):
            api.get("me")


@pytest.mark.parametrize("guarded", [True, False])
def test_nor_is_it_unpacked_whatever_a_stranger_packed(guarded: bool) -> None:
    packed = gzip.compress(b"x" * 100_000)

    def pack(exchange: Exchange) -> None:
        exchange.reply(packed, Content_Encoding="gzip")

    options = replace(PATIENT, guarded=guarded, private_hosts=("127.0.0.1",))
    with Faulty(pack) as server:
        api = session(options, server.url)
        if guarded:
            with pytest.raises(requests.exceptions.ContentDecodingError, match="not asked for"):
                api.get("me")
        else:
            assert api.get("me").content == b"x" * 100_000
    asked = server.requests[0].headers
    assert (asked["accept-encoding"] == "identity") is guarded


def test_an_api_session_is_guarded_as_well(authority: trustme.CA, ca_bundle: str) -> None:
    options = replace(GUARDED, ca_bundle=ca_bundle, private_hosts=("inside.example",))
    with (
        listening() as listener,
        Faulty(well, server_tls(authority, "inside.example")) as server,
        names.replaced(Book(["127.0.0.1"])),
    ):
        inside = session(options, f"https://inside.example:{server.port}")
        assert inside.get("me").text == "request 1"
        evil = session(options, f"https://evil.example:{listener.getsockname()[1]}")
        with pytest.raises(requests.ConnectionError, match=r"evil\.example") as caught:
            evil.get("me")
    assert "s3cret" not in str(caught.value)


def test_a_redirect_of_an_api_leads_to_no_private_address(
    authority: trustme.CA, ca_bundle: str, roads: list[Address]
) -> None:
    """It rebinds between the answer and the next hop, and the connection is not kept."""

    def onwards(exchange: Exchange) -> None:
        exchange.reply(b"", 307, Location="/elsewhere", Connection="close")
        exchange.hang_up()

    book = Book([PUBLIC], ["127.0.0.1"])
    with Faulty(onwards, server_tls(authority, "hop.example")) as server, names.replaced(book):
        api = session(replace(GUARDED, ca_bundle=ca_bundle), f"https://hop.example:{server.port}")
        with pytest.raises(requests.ConnectionError, match="not at a public address"):
            api.get("me")
    assert [each.target for each in server.requests] == ["/me"]
    assert roads == [(PUBLIC, server.port)]


@pytest.mark.parametrize(
    ("address", "authority_form"), [(PUBLIC, PUBLIC), ("2606:4700::1111", "[2606:4700::1111]")]
)
def test_a_proxy_is_told_the_address_that_was_judged(
    address: str, authority_form: str, authority: trustme.CA, ca_bundle: str
) -> None:
    def diverted(exchange: Exchange) -> None:
        told.append(exchange.received.target)
        exchange.received.target = f"127.0.0.1:{server.port}"
        tunnel(exchange)

    book, told = Book([address]), list[str]()

    def found(host: str, port: int) -> Sequence[Address]:
        return [(host, port)] if host == "127.0.0.1" else book(host, port)

    with (
        Faulty(well, server_tls(authority, "far.example")) as server,
        Faulty(diverted) as proxy,
        names.replaced(found),
    ):
        wire = Wire(replace(GUARDED, proxy=proxy.url, ca_bundle=ca_bundle))
        url = f"https://far.example:{server.port}"
        targets = [wire(asked(url)).body for _ in range(2)]
        pool(wire.options).clear()
    assert targets == [b"request 1", b"request 2"]
    assert book.asked == ["far.example"]
    assert proxy.requests[0].method == "CONNECT"
    assert told == [f"{authority_form}:{server.port}"]
    assert proxy.requests[0].headers["host"] == f"{authority_form}:{server.port}"
    assert server.requests[0].headers["host"] == f"far.example:{server.port}"


@pytest.mark.parametrize("place", ["https://evil.example", "http://evil.example"])
def test_a_proxy_is_not_asked_for_what_it_could_look_up_otherwise(place: str) -> None:
    """A private address, and plain http: that goes to the proxy with the name."""

    def found(host: str, port: int) -> Sequence[Address]:
        return [("127.0.0.1" if place.startswith("https") or host == "127.0.0.1" else PUBLIC, port)]

    with Faulty(well) as proxy, names.replaced(found):
        options = replace(GUARDED, allow_http=True, proxy=proxy.url)
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(options)(asked(place))
    assert caught.value.code == "private_address"
    assert proxy.connections == 0
