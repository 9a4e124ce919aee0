"""A034: metadata that lead to where nobody but this server can go, in production.

The issuer is the operator's word, and may be on a private address (decision 22). A name that
resolves to one cannot be told from another before it is asked; its certificate is checked then.
What a visitor names is nobody's word: there the addresses are looked at first.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from flask_social.datastore.registrations import MemoryRegistrations
from flask_social.errors import ConfigurationError
from flask_social.testing import ServedSandbox, sandbox
from flask_social.transport import names
from flask_social.transport.names import Address
from tests.attacks.logins import accepted, linked
from tests.bed import Bed, make_app
from tests.faulty import server_tls

MEMBERS = (
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "authorization_endpoint",
    "revocation_endpoint",
)
HOSTILE = [
    "http://localhost:{port}/",
    "http://127.0.0.1:{port}/",
    "http://op.example/",
    "https://127.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://[::1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://0.0.0.0:{port}/",
    "https://169.254.169.254/",
    "https://[::ffff:10.0.0.1]/",
    "https://localhost.:{port}/",
    "https://any.localhost:{port}/",
    "https://localhost.localdomain:{port}/",
    "https://ip6-loopback:{port}/",
    "https://metadata.google.internal/",
    "https://localhost@127.0.0.1:{port}/",
    "https://user:password@localhost:{port}/",
    "https://127.0.0.1:{port}\\@localhost/",
    "https://127.0.0.1:{port}#@localhost/",
    "https://%6c%6fcalhost:{port}/",
    "//127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "unix:/run/docker.sock",
    "https://",
    "https://op.example/" + "x" * 2_000,
]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls_box(authority: trustme.CA) -> Iterator[ServedSandbox]:
    """The providers on https."""
    context: ssl.SSLContext = server_tls(authority, "localhost")
    with sandbox(ssl_context=context) as box:
        box.login_as("ada")
        yield box


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A service that only this machine can reach."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture
def live(
    make_bed: Callable[..., Bed], tls_box: ServedSandbox, authority: trustme.CA, tmp_path: Path
) -> Bed:
    """An application in production, and its user."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    keys = {"consumer_key": "key", "consumer_secret": "secret", "issuer": f"{tls_box.url}acme"}
    bed = make_bed(
        testing=False,
        SOCIAL_ACME=keys,
        SOCIAL_PLAIN=None,
        SOCIAL_CA_BUNDLE=str(tmp_path / "ca.pem"),
    )
    bed.sandbox = tls_box
    return bed


def trust(browser: Any, bed: Bed) -> Any:
    """*browser*, which trusts the providers' certificate."""
    browser.http.verify = bed.app.config["SOCIAL_CA_BUNDLE"]
    return browser


@pytest.mark.parametrize("member", MEMBERS)
def test_A034_an_endpoint_that_is_nobody_elses_business(
    live: Bed,
    tls_box: ServedSandbox,
    listener: socket.socket,
    caplog: pytest.LogCaptureFixture,
    member: str,
) -> None:
    browser = live.browser()
    tls_box.reset_counters()
    for template in HOSTILE:
        url = template.format(port=listener.getsockname()[1])
        tls_box["acme"].set("discovery", **{member: url})
        caplog.clear()
        with caplog.at_level(logging.WARNING, "flask_social"):
            answer = browser.post("/login/acme")
        assert (answer.status_code, answer.headers.get("Location")) == (503, None), url
        assert "not available" in answer.text
        assert member in caplog.text, "the operator is told which it is"
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert tls_box.counters()["requests"] == {"acme": {"discovery": len(HOSTILE)}}
    assert not [name for name in browser.http.cookies.get_dict() if "social" in name]

    tls_box["acme"].honest()
    assert trust(browser, live).set_out("/login/acme").startswith(f"{tls_box.url}acme/authorize")


def test_A034_an_honest_provider_on_https_lets_people_in(live: Bed, tls_box: ServedSandbox) -> None:
    make_browser = live.browser
    live.browser = lambda: trust(make_browser(), live)  # type: ignore[method-assign]
    accepted(linked(live, "acme"))


PROVIDER = {
    "consumer_key": "key",
    "consumer_secret": "secret",
    "authorize_url": "https://op.example/authorize",
    "token_url": "https://op.example/token",
    "api_url": "https://op.example/",
    "profile_call": "me",
    "identity": {"subject": "id"},
}


@pytest.mark.parametrize("name", ["authorize_url", "token_url", "api_url"])
def test_A034_what_the_operator_types_is_looked_at_too(name: str) -> None:
    for url in (
        "http://op.example/",
        "file:///etc/passwd",
        "//op.example/",
        "https://",
        "ftp://x/",
    ):
        with pytest.raises(ConfigurationError, match=f"SOCIAL_TYPED: {name}"):
            make_app({"SOCIAL_TYPED": {**PROVIDER, name: url}}, testing=False)


def test_A034_the_operators_own_addresses_may_be_private_ones() -> None:
    private = {**PROVIDER, "token_url": "https://10.0.0.1/token", "api_url": "https://[fd00::1]/"}
    bed = make_app({"SOCIAL_TYPED": private}, testing=False)
    with bed.app.app_context():
        assert bed.social.typed.provider.token_url == "https://10.0.0.1/token"


# Hosts that a visitor names, in production: no operator vouches for these.

NAMED = [
    "localhost:{port}",
    "LOCALHOST.:{port}",
    "any.localhost:{port}",
    "localhost.localdomain:{port}",
    "ip6-loopback:{port}",
    "127.0.0.1:{port}",
    "127.1:{port}",
    "2130706433:{port}",
    "0x7f.1:{port}",
    "0177.0.0.1:{port}",
    "[::1]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "[::ffff:10.0.0.1]",
    "169.254.169.254",
    "http://evil.example:{port}",
    "https://localhost@evil.example:{port}",
    "https://evil.example:{port}\\@localhost",
    "@ada@rebinding.example:{port}",
    "file:///etc/passwd",
    "metadata.google.internal",
    "mixed.example:{port}",
]
RESOLVED = {
    "evil.example": ["127.0.0.1"],
    "rebinding.example": ["127.0.0.1"],
    "mixed.example": ["93.184.215.14", "127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
}


def test_A034_a_host_that_a_visitor_names(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    bed = make_app(
        {"SOCIAL_MASTODON": {"per_visitor": True}, "SOCIAL_APP_URL": "https://app.example"},
        testing=False,
        registrations=MemoryRegistrations(),
    )
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> list[Address]:
        looked_up.append(host)
        if host not in RESOLVED:
            return [(str(found[4][0]), port) for found in socket.getaddrinfo(host, port)]
        return [(address, port) for address in RESOLVED[host]]

    client = bed.app.test_client()
    with names.replaced(resolve):
        for template in NAMED:
            typed = template.format(port=listener.getsockname()[1])
            caplog.clear()
            with caplog.at_level(logging.INFO, "flask_social"):
                answer = client.post("/login/mastodon", data={"instance": typed})
            assert answer.status_code in (400, 503), typed
            assert "Location" not in answer.headers
            reasons = ("bad_instance", "private_address", "unreachable")
            assert any(each in caplog.text for each in reasons), "the operator is told why"
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert set(RESOLVED) <= set(looked_up)


def test_A034_a_name_that_rebinds_between_the_look_and_the_connection(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is public, all later ones are not: the first is what is connected to."""
    taken: list[Address] = []

    def refuse(address: Address, *rest: Any, **more: Any) -> socket.socket:
        taken.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("flask_social.transport.connections.create_connection", refuse)
    answers = iter([["93.184.215.14"]])

    def resolve(host: str, port: int) -> list[Address]:
        return [(address, port) for address in next(answers, ["127.0.0.1"])]

    bed = make_app(
        {"SOCIAL_MASTODON": {"per_visitor": True}, "SOCIAL_APP_URL": "https://app.example"},
        testing=False,
        registrations=MemoryRegistrations(),
    )
    typed = f"rebinding.example:{listener.getsockname()[1]}"
    with names.replaced(resolve):
        for _ in range(2):
            answer = bed.app.test_client().post("/login/mastodon", data={"instance": typed})
            assert answer.status_code == 503
    assert taken == [("93.184.215.14", listener.getsockname()[1])]
