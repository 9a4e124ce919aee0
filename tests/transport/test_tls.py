"""Certificates, proxies, and the making of pools."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from flask_social.errors import ConfigurationError, ProviderUnavailable
from flask_social.http import Request
from flask_social.transport import TransportOptions, Wire, pool

from ..faulty import PATIENT, Exchange, Faulty, server_tls

SECURE = replace(PATIENT, allow_http=False)


def well(exchange: Exchange) -> None:
    exchange.reply(f"request {exchange.nth}".encode())


def asked(url: str) -> Request:
    return Request(url=f"{url}/a?code=s3cret", purpose="exchanging the code", method="POST")


def test_a_trusted_certificate_is_accepted_and_its_connection_kept(
    authority: trustme.CA, ca_bundle: str
) -> None:
    wire = Wire(replace(SECURE, ca_bundle=ca_bundle))
    with Faulty(well, server_tls(authority)) as server:
        bodies = [wire(asked(server.url)).body for _ in range(3)]
    assert bodies == [b"request 1", b"request 2", b"request 3"]
    assert server.connections == 1


def test_the_host_is_checked_against_the_certificate_by_name(
    authority: trustme.CA, ca_bundle: str
) -> None:
    wire = Wire(replace(SECURE, ca_bundle=ca_bundle))
    with Faulty(well, server_tls(authority, "localhost")) as server:
        assert wire(asked(f"https://localhost:{server.port}")).status == 200


def old(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    expiry = datetime(2020, 1, 1, tzinfo=UTC)
    authority.issue_cert("127.0.0.1", not_after=expiry).configure_cert(context)
    return context


def tls_1_1(authority: trustme.CA) -> ssl.SSLContext:
    context = server_tls(authority)
    with pytest.warns(match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.parametrize(
    "server_side",
    [
        lambda authority: server_tls(trustme.CA()),
        lambda authority: server_tls(authority, "evil.test"),
        old,
        tls_1_1,
        lambda authority: None,
    ],
    ids=["unknown authority", "another name", "expired", "old protocol", "no TLS at all"],
)
def test_a_connection_that_is_not_secure_is_not_made(
    server_side: Callable[[trustme.CA], ssl.SSLContext | None],
    authority: trustme.CA,
    ca_bundle: str,
) -> None:
    with Faulty(well, server_side(authority)) as server:
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(replace(SECURE, ca_bundle=ca_bundle))(asked(f"https://127.0.0.1:{server.port}"))
        assert all(b"s3cret" not in each.target.encode() for each in server.requests)
    assert (caught.value.code, caught.value.status) == ("unreachable", 503)
    assert "TLS" in caught.value.detail
    assert "s3cret" not in str(caught.value)


def test_an_own_authority_is_trusted_only_when_configured(authority: trustme.CA) -> None:
    with Faulty(well, server_tls(authority)) as server, pytest.raises(ProviderUnavailable):
        Wire()(asked(server.url))
    assert server.requests == []


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_bundle_that_holds_no_certificates_is_a_configuration_error(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="SOCIAL_CA_BUNDLE"):
        pool(TransportOptions(ca_bundle=str(path)))


@pytest.mark.parametrize("proxy", ["socks5://u:s3cret@127.0.0.1:1", "s3cret", "http://[", ""])
def test_a_proxy_that_cannot_be_used_is_a_configuration_error(proxy: str) -> None:
    with pytest.raises(ConfigurationError, match="SOCIAL_PROXY") as caught:
        pool(TransportOptions(proxy=proxy))
    assert "s3cret" not in str(caught.value)


def test_options_do_not_show_the_credentials_of_a_proxy() -> None:
    assert "s3cret" not in repr(TransportOptions(proxy="http://me:s3cret@127.0.0.1:1"))


def test_equal_options_share_a_pool_whatever_their_timeouts(ca_bundle: str) -> None:
    assert pool(TransportOptions(read_timeout=1)) is pool(TransportOptions(allow_http=True))
    assert pool(TransportOptions(ca_bundle=ca_bundle)) is not pool(TransportOptions())


def test_plain_requests_go_to_the_proxy_whole() -> None:
    with Faulty(well) as proxy:
        address = proxy.url.replace("http://", "http://me:pass%20word@")
        options = replace(PATIENT, proxy=address)
        assert Wire(options)(asked("http://provider.test")).status == 200
    received = proxy.requests[0]
    assert received.target == "http://provider.test/a?code=s3cret"
    assert received.headers["host"] == "provider.test"
    assert received.headers["proxy-authorization"] == "Basic bWU6cGFzcyB3b3Jk"


def tunnel(exchange: Exchange) -> None:
    """Do what CONNECT asks for, until one side has had enough."""
    host, _, port = exchange.received.target.partition(":")
    with socket.create_connection((host, int(port))) as beyond:
        exchange.raw(b"HTTP/1.1 200 Connected\r\n\r\n")
        back = threading.Thread(target=pump, args=(beyond, exchange.sock))
        back.start()
        pump(exchange.sock, beyond)
        back.join()
    exchange.hang_up()


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # either side may close first
        while octets := source.recv(65_536):
            target.sendall(octets)
        target.shutdown(socket.SHUT_WR)


def test_tls_goes_through_a_tunnel_with_the_credentials_left_at_the_proxy(
    authority: trustme.CA, ca_bundle: str
) -> None:
    with Faulty(well, server_tls(authority)) as server, Faulty(tunnel) as proxy:
        address = proxy.url.replace("http://", "http://me:word@")
        wire = Wire(replace(SECURE, proxy=address, ca_bundle=ca_bundle))
        assert [wire(asked(server.url)).body for _ in range(2)] == [b"request 1", b"request 2"]
        assert proxy.requests[0].method == "CONNECT"
        assert proxy.requests[0].headers["proxy-authorization"] == "Basic bWU6d29yZA=="
        assert all("proxy-authorization" not in each.headers for each in server.requests)
        pool(wire.options).clear()
    assert proxy.connections == server.connections == 1


def test_a_proxy_that_refuses_makes_the_provider_unreachable(ca_bundle: str) -> None:
    def refuse(exchange: Exchange) -> None:
        exchange.reply(b"not you", 407)
        exchange.hang_up()

    with Faulty(refuse) as proxy, pytest.raises(ProviderUnavailable) as caught:
        Wire(replace(SECURE, proxy=proxy.url))(asked("https://provider.test"))
    assert caught.value.code == "unreachable"
    assert len(proxy.requests) == 1


def test_a_proxy_that_stalls_is_too_slow() -> None:
    with Faulty(lambda exchange: exchange.stall()) as proxy:
        options = replace(SECURE, proxy=proxy.url, call_timeout=0.3)
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(options)(asked("https://provider.test"))
    assert (caught.value.code, caught.value.status) == ("too_slow", 504)


def test_a_proxy_that_drips_is_too_slow() -> None:
    with Faulty(lambda exchange: exchange.drip(b"HTTP/1.1 200 OK" + b"x" * 60_000)) as proxy:
        options = replace(SECURE, proxy=proxy.url, call_timeout=0.3)
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(options)(asked("https://provider.test"))
    assert caught.value.status == 504
