"""The server: kept-alive connections, counted; outages; TLS; the command."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
import trustme

from flask_social.testing import ServedSandbox, sandbox

from .walk import Walk


def test_a_session_stays_on_one_connection(box: ServedSandbox) -> None:
    with requests.Session() as session:
        walk = Walk(box, "acme", session)
        walk.tokens()
        walk.jwks()
        session.get(f"{box.url}nothing")
    assert box.connections() == 1
    requests.get(f"{box.url}acme/jwks", timeout=60)
    assert box.connections() == 2


def test_requests_are_counted_and_recorded(acme: Walk) -> None:
    acme.tokens()
    assert acme.box.count("acme", "token") == 1
    assert acme.box.count("acme") == 2
    counted = acme.box.counters()
    assert counted["requests"] == {"acme": {"authorize": 1, "token": 1}}
    seen = acme.box.requests[-1]
    assert (seen.method, seen.provider, seen.endpoint) == ("POST", "acme", "token")
    assert "client_secret=secret" in seen.body
    assert "secret=secret" not in repr(seen)
    acme.box.reset_counters()
    assert acme.box.count("acme") == 0
    assert not acme.box.requests


def test_an_outage_cuts_connections_and_ends(acme: Walk) -> None:
    assert acme.jwks()
    acme.box.go_down()
    with pytest.raises(requests.ConnectionError):
        acme.jwks()
    acme.box.go_down()
    acme.box.come_up()
    assert acme.jwks()
    assert acme.box.connections() == 2


def test_no_stranger_gets_the_port_in_an_outage() -> None:
    with sandbox() as box:  # without a visitor, whose connection would linger and hold the port too
        box.go_down()
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", box.server.port))
        box.come_up()
        socket.create_connection(("127.0.0.1", box.server.port), timeout=60).close()


def test_nothing_is_left_after_the_block() -> None:
    with socket.socket() as held:  # Linux lets a server listen beside it, and gives it to no other
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        with sandbox(port=held.getsockname()[1]):
            socket.create_connection(held.getsockname(), timeout=60).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(held.getsockname(), timeout=60)


def test_a_chunked_body_is_read(acme: Walk) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"token="
        yield b"unknown"

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(
        f"{acme.box.url}google/revoke", data=chunks(), headers=headers, timeout=60
    )
    assert answer.status_code == 200
    assert acme.box.requests[-1].body == "token=unknown"


def test_a_head_request_has_no_body(acme: Walk) -> None:
    with requests.Session() as session:
        assert session.head(acme.url("jwks")).content == b""
        assert session.get(acme.url("jwks")).json()["keys"]


def test_unknown_paths_are_not_found(box: ServedSandbox) -> None:
    for path in ("nobody/token", "acme/elsewhere", "static/elsewhere"):
        assert requests.get(box.url + path, timeout=60).status_code == 404


def test_somebody_sent_to_a_provider_that_is_not_played_is_told_which_are(
    box: ServedSandbox,
) -> None:
    said = requests.get(f"{box.url}forge/authorize", timeout=60).text
    assert "nothing here" in said
    assert "github, google" in said


def test_the_front_page_lists_the_providers(box: ServedSandbox) -> None:
    page = requests.get(box.url, timeout=60).text
    assert "LinkedIn" in page
    assert 'href="/acme/.well-known/openid-configuration"' in page


def test_it_serves_https_too() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with sandbox(ssl_context=context) as box, authority.cert_pem.tempfile() as path:
        url = f"{box.url}acme/.well-known/openid-configuration"
        assert requests.get(url, verify=path, timeout=60).json()["issuer"] == f"{box.url}acme"
        assert box.url.startswith("https://")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, timeout=60)


def test_the_command_serves_and_prints_the_address() -> None:
    command = [sys.executable, "-m", "flask_social.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            assert process.stdout
            found = re.search(r"http://localhost:\d+/", process.stdout.readline())
            assert found
            issuer = requests.get(f"{found[0]}google/.well-known/openid-configuration", timeout=60)
            assert issuer.json()["issuer"] == f"{found[0]}google"
        finally:
            process.terminate()
