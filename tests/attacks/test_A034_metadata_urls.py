"""A034: metadata that lead to where nobody but this server can go, in production.

The issuer is the operator's word, and may be on a private address (decision 22). A name that
resolves to one cannot be told from another before it is asked; its certificate is checked then.
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

from flask_social.errors import ConfigurationError
from flask_social.testing import ServedSandbox, sandbox
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
