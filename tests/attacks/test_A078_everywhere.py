"""A078 again: a way back named in a session, on a page, in JSON, after a failure, at verify."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, urljoin, urlsplit

import pytest
import requests
from flask import request, session

from flask_social.testing import ServedSandbox
from tests.attacks.test_A078_open_redirect import PAYLOADS
from tests.bed import Bed, Browser, make_app, query_of, served, usual_config

U1 = "one@example.org"
STAYS = {"/%5cevil.example", "/ok?x=//evil", "/ok#//evil"}
"""Payloads that are paths of this site, as every browser reads them."""
EVERY = [pytest.param(each, each in STAYS, id=f"{n}") for n, each in enumerate(PAYLOADS, 1)]
SOME = [EVERY[number - 1] for number in (2, 5, 11, 13, 17, 21, 22, 26, 30)]
"""For whole trips; with the others, and encoded, those are made in tests/hostile."""


@pytest.fixture(scope="module")
def visitor(served_sandbox: ServedSandbox) -> Iterator[Browser]:
    """U1, signed in and connected, in an application where the session may name a way back."""
    served_sandbox.reset()
    served_sandbox.login_as("ada")
    bed = make_app(usual_config(served_sandbox.url))
    bed.sandbox = served_sandbox

    @bed.app.post("/remember-where")
    def remember_where() -> str:
        for key in ("post_oauth_login_url", "post_oauth_connect_url"):
            session[key] = request.form["next"]
        return ""

    with served(bed):
        bed.add_user(U1)
        browser = bed.browser().sign_in(U1)
        for provider_id in ("acme", "plain"):
            browser.trip(f"/connect/{provider_id}")
        yield browser


def leads(answer: requests.Response, followed: bool, target: str, default: str) -> None:
    """The answer leads to *target* if it is one to follow, and else to *default*, as ever."""
    assert answer.status_code == 303
    assert "x" not in answer.cookies
    assert answer.headers["Location"] == (target if followed else default)


def stays_on_the_page(answer: requests.Response, followed: bool, target: str) -> None:
    """Whatever the page links to, posts to or passes on is on this site, and *target* if safe."""
    assert answer.status_code in (200, 403, 502)
    found = re.findall(r'(?:href|action|value)="([^"]*)"', answer.text)
    addresses = [html.unescape(each) for each in found]
    own = urlsplit(answer.url)
    for each in addresses:
        read = each.strip("\x00\x20").translate({9: None, 10: None, 13: None}).replace("\\", "/")
        to = urlsplit(urljoin(answer.url, read))
        assert (to.scheme, to.netloc) == (own.scheme, own.netloc)
    assert any(target in (each, query_of(each).get("next")) for each in addresses) is followed
    assert "evil" in answer.text if followed else "evil" not in answer.text


@pytest.mark.parametrize(("target", "followed"), SOME)
def test_A078_after_a_verification(visitor: Browser, target: str, followed: bool) -> None:
    leads(visitor.trip("/verify/acme", next=target), followed, target, "/connections")


@pytest.mark.parametrize(("target", "followed"), SOME)
def test_A078_from_a_session(visitor: Browser, target: str, followed: bool) -> None:
    visitor.post("/remember-where", data={"next": target})
    leads(visitor.post("/login/plain"), followed, target, "/home")
    leads(visitor.trip("/reconnect/plain"), followed, target, "/connections")
    visitor.post("/remember-where", data={"next": target})
    leads(visitor.trip("/connect/plain", next="/asked"), True, "/asked", "")
    leads(visitor.trip("/connect/plain"), False, target, "/connections")  # said once, used once


@pytest.mark.parametrize(("target", "followed"), EVERY)
def test_A078_on_a_page(visitor: Browser, target: str, followed: bool) -> None:
    [acme, _] = visitor.bed.accounts()
    for path in ("/connect/plain", "/verify/acme", "/reconnect/acme", f"/connect/acme/{acme[2]}"):
        stays_on_the_page(visitor.get(path, params={"next": target}), followed, target)
    stays_on_the_page(
        visitor.bed.browser().get("/login/plain", params={"next": target}), followed, target
    )


@pytest.mark.parametrize(("target", "followed"), SOME)
def test_A078_after_a_failure(visitor: Browser, target: str, followed: bool) -> None:
    for path in ("/connect/plain", "/verify/acme"):
        state = query_of(visitor.set_out(path, next=target))["state"]
        back = f"/connect/{path.rpartition('/')[2]}?state={state}&iss={quote(issuer(visitor))}"
        stays_on_the_page(visitor.get(f"{back}&error=server_error"), followed, target)
    state = query_of(visitor.set_out("/connect/plain", next=target))["state"]
    cancelled = visitor.get(
        f"/connect/plain?state={state}&error=access_denied&next={quote(target)}"
    )
    leads(cancelled, False, target, "/connections")


def issuer(browser: Browser) -> str:
    return f"{browser.bed.sandbox.url}acme"


@pytest.mark.parametrize(("target", "followed"), EVERY)
def test_A078_in_json(visitor: Browser, target: str, followed: bool) -> None:
    json = {"Accept": "application/json"}
    answer = visitor.post("/login/plain", json={"next": target}, headers=json)
    assert answer.json()["response"]["next"] == (target if followed else "/home")
    answer = visitor.post(
        "/disconnect/plain", json={"next": target, "provider_user_id": "nobody"}, headers=json
    )
    assert (answer.status_code, "evil" in answer.text) == (404, False)


@pytest.mark.parametrize("referer", ["https://evil.example/", "/elsewhere", "//evil.example", ""])
def test_A078_a_referer_is_never_a_target(bed: Bed, referer: str) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    browser.http.headers["Referer"] = referer
    to = [
        browser.trip("/connect/acme"),
        browser.trip("/connect/acme"),
        browser.trip("/reconnect/acme"),
        browser.trip("/verify/acme"),
        browser.post("/login/acme"),
        browser.post("/disconnect/acme", data={"provider_user_id": "nobody"}),
        browser.post("/connect/acme/nobody"),
        browser.get("/disconnect/acme"),
        browser.delete("/connect/acme"),
        bed.browser().trip("/login/acme"),
    ]
    assert {each.headers["Location"] for each in to} == {"/connections", "/home", "/login"}
    for path in ("/login/acme?code=c&state=s", "/connect/acme?code=c&state=s", "/login/nobody"):
        page = browser.get(path)
        assert page.status_code in (400, 404)
        assert "elsewhere" not in page.text
        assert "evil" not in page.text


@pytest.mark.parametrize("name", ["next_url", "redirect", "redirect_to", "return_to", "url", "to"])
def test_A078_nothing_else_than_next_is_asked(bed: Bed, name: str) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    answer = browser.trip(f"/connect/acme?{name}=/elsewhere", **{name: "/elsewhere"})
    assert answer.headers["Location"] == "/connections"


def test_A078_a_next_beside_the_answer_counts_for_nothing(
    make_bed: Callable[..., Bed],
) -> None:
    bed = make_bed()
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/acme"))
    assert browser.get(f"{callback}&next=/elsewhere").headers["Location"] == "/connections"
