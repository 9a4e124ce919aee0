"""A017: cookies that a hostile sibling subdomain planted, over https.

Such a site can set cookies for the whole domain, and have them sent first by a longer path; but
none whose name begins with ``__Host-``.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from flask_social.sandbox import Server
from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser, listening, make_app, usual_config

U1, U2 = "one@example.org", "attacker@example.org"
FLOW = "__Host-social-flow-"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """TLS for the application, and the file that vouches for it."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    bundle = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    return context, str(bundle)


@dataclass
class Https:
    """An application on https where U1 is connected, and its browsers."""

    bed: Bed
    bundle: str

    def browser(self) -> Browser:
        browser = self.bed.browser()
        browser.http.verify = self.bundle
        return browser


@contextmanager
def on_https(bed: Bed, context: ssl.SSLContext) -> Iterator[None]:
    server = Server(bed.app, ssl_context=context)
    server.start()
    bed.url = server.url.rstrip("/")
    try:
        with listening(bed):
            yield
    finally:
        server.close()


@pytest.fixture
def secure(
    box: ServedSandbox, certificates: tuple[ssl.SSLContext, str], tmp_path: Path
) -> Iterator[Https]:
    config: dict[str, Any] = {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_HTTPONLY": True}
    bed = make_app({**usual_config(box.url), **config}, database=f"sqlite:///{tmp_path}/bed.sqlite")
    bed.sandbox = box
    with on_https(bed, certificates[0]):
        made = Https(bed, certificates[1])
        for email in (U1, U2):
            bed.add_user(email)
        made.browser().sign_in(U1).trip("/connect/acme")
        box.reset_counters()
        bed.told.clear()
        yield made


def cookies(browser: Browser) -> dict[str, str]:
    """The cookies of *browser*, by their names."""
    return {each.name: each.value or "" for each in browser.http.cookies}


def send(secure: Https, url: str, *cookie: tuple[str, str], method: str = "GET") -> Any:
    """The answer to a request with just these cookies, in this order."""
    header = "; ".join(f"{name}={value}" for name, value in cookie)
    url = url if url.startswith("http") else secure.bed.url + url
    return requests.request(
        method, url, headers={"Cookie": header}, allow_redirects=False, verify=secure.bundle,
        timeout=120,
    )  # fmt: skip


def nothing_happened(secure: Https, answer: Any, status: int = 400) -> None:
    """The answer is a page, the provider was not asked, nobody is signed in or connected."""
    assert answer.status_code == status
    assert "Location" not in answer.headers
    assert "session" not in answer.cookies
    assert not [name for name in answer.cookies.keys() if "social-flow" in name]  # noqa: SIM118
    assert secure.bed.calls("acme") + secure.bed.calls("plain") == 0
    assert secure.bed.accounts()[1:] == []
    assert not [told for told, _ in secure.bed.told if told != "flow_rejected"]


def test_A017_the_flow_cookie_is_one_that_no_sibling_can_set(secure: Https) -> None:
    answer = secure.browser().post("/login/acme")
    headers = answer.raw.headers.getlist("Set-Cookie")
    [flow] = [each for each in headers if "social-flow" in each]
    name, attributes = flow.partition("=")[0], flow.split("; ")[1:]
    assert name.startswith(FLOW)
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"} <= set(attributes)
    assert not [each for each in attributes if each.lower().startswith("domain")]


def in_both_orders(mine: tuple[str, str], planted: str) -> list[list[tuple[str, str]]]:
    both = [(mine[0], planted), mine]
    return [both, both[::-1]]


def test_A017_two_flow_cookies_of_one_name(secure: Https) -> None:
    victim, attacker = secure.browser(), secure.browser()
    callback = victim.at_provider(victim.set_out("/login/acme"))
    attacker.set_out("/login/acme")
    [mine] = [each for each in cookies(victim).items() if each[0].startswith(FLOW)]
    [other] = [each for each in cookies(attacker).items() if each[0].startswith(FLOW)]

    for planted in ("x", other[1], mine[1]):
        for cookie in in_both_orders(mine, planted):
            answer = send(secure, callback, *cookie)
            nothing_happened(secure, answer)
            assert "start again" in answer.text

    assert victim.get(callback).headers["Location"] == "/home", "the flow itself is usable still"
    assert victim.who() == U1


NAMES = [
    "social-flow-{}",
    "__Secure-social-flow-{}",
    "__host-social-flow-{}",
    "\u2000__Host-social-flow-{}",
    "\xa0__Host-social-flow-{}",
    "=__Host-social-flow-{}",
    "$__Host-social-flow-{}",
    "__Host-social-flow-{}\u2028",
    "__Host%2Dsocial-flow-{}",
]
"""Some browsers and servers strip or decode what stands before a prefix: a cookie that may be set
under the one reading must not count under the other."""


def test_A017_a_name_that_a_sibling_can_set_is_none_of_ours(secure: Https) -> None:
    attacker = secure.browser()
    callback = attacker.at_provider(attacker.set_out("/login/acme"))
    [own] = [each for each in cookies(attacker).items() if each[0].startswith(FLOW)]
    for name in NAMES:
        planted = name.format(own[0].removeprefix(FLOW)).encode().decode("latin-1")
        nothing_happened(secure, send(secure, callback, (planted, own[1])))


def test_A017_two_session_cookies_when_the_victim_comes_back(secure: Https) -> None:
    victim, attacker = secure.browser().sign_in(U1), secure.browser().sign_in(U2)
    callback = victim.at_provider(victim.set_out("/connect/plain"))
    mine = cookies(victim)
    [flow] = [each for each in mine.items() if each[0].startswith(FLOW)]

    for planted in (cookies(attacker)["session"], "", "x"):
        for cookie in in_both_orders(("session", mine["session"]), planted):
            nothing_happened(secure, send(secure, callback, flow, *cookie))

    assert victim.get(callback).headers["Location"] == "/connections"


def test_A017_one_session_that_comes_twice_is_one(secure: Https) -> None:
    browser = secure.browser().sign_in(U1)
    twice = [("session", cookies(browser)["session"])] * 2
    assert send(secure, "/connect/plain", *twice, method="POST").status_code == 303
    callback = browser.at_provider(browser.set_out("/connect/plain"))
    flow = [each for each in cookies(browser).items() if each[0].startswith(FLOW)]
    assert send(secure, callback, *flow, *twice).headers["Location"] == "/connections"


def test_A017_the_operator_is_told_what_helps_against_two_sessions(
    secure: Https, caplog: pytest.LogCaptureFixture
) -> None:
    send(secure, "/login/acme", ("session", "canary"), ("session", "x"), method="POST")
    [told] = [each for each in caplog.records if each.levelname == "WARNING"]
    assert "SESSION_COOKIE_NAME begins with __Host-" in told.getMessage()
    assert "canary" not in told.getMessage()


def test_A017_two_session_cookies_when_the_victim_sets_out(secure: Https) -> None:
    # The victim would connect an account of theirs, and its tokens, to the attacker.
    mine = cookies(secure.browser().sign_in(U1))["session"]
    planted = cookies(secure.browser().sign_in(U2))["session"]
    secure.bed.connect(U2, "acme", "the attacker's")

    for path in ("/connect/plain", "/reconnect/acme"):
        for each in in_both_orders(("session", mine), planted):
            answer = send(secure, path, *each, method="POST")
            nothing_started(secure, answer)
    for each in in_both_orders(("session", ""), "x"):
        nothing_started(secure, send(secure, "/login/acme", *each, method="POST"))


def nothing_started(secure: Https, answer: Any) -> None:
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert not [name for name in answer.cookies.keys() if "social" in name]  # noqa: SIM118
    assert "Your browser sent two different sessions" in answer.text
    assert {told["reason"] for told in secure.bed.signals("flow_rejected")} == {"two_sessions"}


def test_A017_the_attackers_session_alone_ends_no_flow_of_the_victim(secure: Https) -> None:
    victim, attacker = secure.browser().sign_in(U1), secure.browser().sign_in(U2)
    callback = victim.at_provider(victim.set_out("/connect/plain"))
    flow = [each for each in cookies(victim).items() if each[0].startswith(FLOW)]

    answer = send(secure, callback, *flow, ("session", cookies(attacker)["session"]))

    nothing_happened(secure, answer)


def test_A017_two_kept_answers(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(SESSION_COOKIE_SAMESITE="Strict")
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    assert "Continue" in browser.get(callback, headers={"Sec-Fetch-Site": "cross-site"}).text
    kept = cookies(browser)
    [(name, value)] = [each for each in kept.items() if "answer" in each[0]]
    others = [each for each in kept.items() if each[0] != name]
    state = callback.partition("state=")[2].partition("&")[0]
    header = "; ".join(f"{name}={value}" for name, value in [(name, "x"), *others, (name, value)])

    answer = requests.get(
        f"{bed.url}/login/acme?state={state}", headers={"Cookie": header}, timeout=120
    )

    assert answer.status_code == 400
    assert bed.calls("acme") == 0
    assert browser.get(f"/login/acme?state={state}").status_code == 303
