"""A036: a certificate that is none ends the flow; nothing is taken from the environment."""

from __future__ import annotations

import base64
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from flask_social import ConfigurationError, clock, limits
from flask_social.state import SETTINGS
from flask_social.testing import ServedSandbox, sandbox
from tests.bed import Bed, Browser, make_app, served, usual_config
from tests.faulty import Faulty, server_tls

U1 = "one@example.org"
ENVIRONMENT = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@dataclass
class Tls:
    """Providers on https, and the authority that an application is told to trust."""

    box: ServedSandbox
    authority: trustme.CA
    ca_bundle: str
    stack: ExitStack

    def make_bed(self, **config: Any) -> Bed:
        """An application like the usual one; outside testing, so that plain http is refused."""
        bed = make_app(
            {**usual_config(self.box.url), "SOCIAL_CA_BUNDLE": self.ca_bundle, **config},
            testing=False,
        )
        bed.sandbox = self.box
        return self.stack.enter_context(served(bed))

    def browser(self, bed: Bed) -> Browser:
        """A visitor who trusts the authority, too."""
        browser = bed.browser()
        browser.http.verify = self.ca_bundle
        return browser

    def present(self, context: ssl.SSLContext) -> None:
        """From now on the providers show another certificate."""
        self.box.go_down()
        self.box.server.ssl_context = context
        self.box.come_up()


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Tls]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with ExitStack() as stack:
        box = stack.enter_context(sandbox(ssl_context=server_tls(authority, "localhost")))
        box.login_as("ada")
        yield Tls(box, authority, str(tmp_path / "ca.pem"), stack)


def expired(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    then = datetime(2020, 1, 1, tzinfo=UTC)
    authority.issue_cert("localhost", not_after=then).configure_cert(context)
    return context


WRONG: dict[str, tuple[Callable[[trustme.CA], ssl.SSLContext], str]] = {
    "self-signed": (lambda authority: server_tls(trustme.CA(), "localhost"), "unable to get local"),
    "another name": (lambda authority: server_tls(authority, "evil.test"), "mismatch"),
    "expired": (expired, "certificate has expired"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_A036_a_certificate_that_is_none_ends_the_flow(
    tls: Tls, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    bed = tls.make_bed(SOCIAL_ALLOW_INSECURE_PROVIDERS=True)
    bed.add_user(U1)
    tls.browser(bed).sign_in(U1).trip("/connect/acme")
    [before] = [row.access_token for row in bed.rows()]
    make, told = WRONG[kind]
    browser = tls.browser(bed)
    callback = browser.at_provider(browser.set_out("/login/acme"))
    tls.box.reset_counters()
    bed.told.clear()
    now = clock.now()

    tls.present(make(tls.authority))
    with caplog.at_level(logging.WARNING, "flask_social"):
        answer = browser.get(callback)
        with clock.replaced(lambda: now + limits.METADATA_STALE + 1):
            start = browser.post("/login/acme")

    for each in (answer, start):
        assert (each.status_code, "cannot be reached" in each.text) == (503, True)
    assert caplog.text.count("TLS: ") == caplog.text.count(told) == 2
    assert tls.box.count("acme") == 0
    assert [name for name, _ in bed.told] == ["provider_failed"] * 2
    assert (browser.who(), [row.access_token for row in bed.rows()]) == (None, [before])
    tls.present(server_tls(tls.authority, "localhost"))
    browser.trip("/login/acme")
    assert browser.who() == U1


@pytest.fixture
def logger() -> Iterator[Faulty]:
    """A proxy that writes down whatever passes."""
    with Faulty(lambda exchange: exchange.reply(b"", 502)) as proxy:
        yield proxy


def test_A036_neither_netrc_nor_a_proxy_of_the_environment_has_a_say(
    tls: Tls, logger: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"machine {host} login me password n3trc-w0rd" for host in ("localhost", "127.0.0.1")]
    (tmp_path / ".netrc").write_text(
        "\n".join([*lines, "default login me password n3trc-w0rd", ""])
    )
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, logger.url)
    assert requests.utils.get_netrc_auth(tls.box.url) == ("me", "n3trc-w0rd")
    bed = tls.make_bed()
    bed.add_user(U1)

    @bed.app.get("/calls")
    def calls() -> str:
        return str(bed.social.plain.get_api().get("me").json()["name"])

    browser = tls.browser(bed).sign_in(U1)
    for provider_id in ("acme", "plain"):
        browser.trip(f"/connect/{provider_id}")
    assert browser.get("/calls").text == "Ada Lovelace"
    assert [row.provider_id for row in bed.rows()] == ["acme", "plain"]
    assert logger.connections == 0
    assert tls.box.count("plain", "api") == 2
    wire = str([(each.headers, each.query, each.body) for each in tls.box.requests])
    assert "Authorization" in wire
    for secret in (b"me:n3trc-w0rd", b"n3trc-w0rd"):
        assert secret.decode() not in wire
        assert base64.b64encode(secret).decode()[:-4] not in wire


@pytest.mark.parametrize("unset", [None, ""])
def test_A036_certificates_of_the_environment_are_not_trusted(
    tls: Tls, monkeypatch: pytest.MonkeyPatch, unset: str | None
) -> None:
    for name in BUNDLES:
        monkeypatch.setenv(name, tls.ca_bundle)
    bed = tls.make_bed(SOCIAL_CA_BUNDLE=unset)
    browser = tls.browser(bed)
    assert browser.post("/login/acme").status_code == 503
    callback = browser.at_provider(browser.set_out("/login/plain"))
    assert browser.get(callback).status_code == 503
    assert (tls.box.count("acme"), tls.box.count("plain", "token")) == (0, 0)


@pytest.mark.parametrize(
    "config",
    [
        {"SOCIAL_VERIFY": False},
        {"SOCIAL_SSL_VERIFY": False},
        {"SOCIAL_CA_BUNDLE": False},
        {"SOCIAL_PLAIN": {"verify": False}},
        {"SOCIAL_ACME": {"ssl_verify": False}},
    ],
    ids=repr,
)
def test_A036_no_setting_leaves_certificates_unchecked(tls: Tls, config: dict[str, Any]) -> None:
    usual = usual_config(tls.box.url)
    for name, value in config.items():
        usual[name] = {**usual.get(name, {}), **value} if isinstance(value, dict) else value
    with pytest.raises(ConfigurationError):
        make_app(usual, testing=False)
    assert not [name for name in SETTINGS if "verify" in name or "tls" in name or "ssl" in name]


def test_A036_plain_http_is_for_debug_and_testing_or_whoever_says_insecure(
    box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigurationError, match="SOCIAL_ACME"):
        make_app(usual_config(box.url), testing=False)
    insecure = {**usual_config(box.url), "SOCIAL_ALLOW_INSECURE_PROVIDERS": True}
    with caplog.at_level(logging.WARNING):
        make_app(insecure, testing=False)
    assert "SOCIAL_ALLOW_INSECURE_PROVIDERS" in caplog.text
