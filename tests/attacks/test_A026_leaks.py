"""A026: no answer of ours lets a code or a state out by a referrer, a cache, a frame or a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests

from flask_social.sandbox.shapes import subject_of
from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser, query_of

U1 = "one@example.org"
CROSS = {"Sec-Fetch-Site": "cross-site"}
Visit = Callable[[Bed], requests.Response]


@pytest.fixture
def linked(bed: Bed) -> Bed:
    """U1 is connected to Ada's account at ``acme``."""
    bed.add_user(U1)
    bed.connect(U1, "acme", str(subject_of(bed.sandbox["acme"].script, bed.sandbox.people["ada"])))
    return bed


def back(browser: Browser, path: str) -> str:
    return browser.at_provider(browser.set_out(path))


def twice(browser: Browser) -> requests.Response:
    callback = back(browser, "/login/acme")
    browser.get(callback)
    browser.sign_out()
    return browser.get(callback)


def signed_in_meanwhile(bed: Bed) -> requests.Response:
    browser = bed.browser()
    callback = back(browser, "/login/acme")
    return browser.sign_in(U1).get(callback)


def signed_out_meanwhile(bed: Bed) -> requests.Response:
    browser = bed.browser().sign_in(U1)
    callback = back(browser, "/connect/acme")
    browser.sign_out()
    return browser.get(callback)


def cancelled(bed: Bed) -> requests.Response:
    bed.sandbox.deny()
    return bed.browser().trip("/login/acme")


def from_another_account(bed: Bed) -> requests.Response:
    bed.sandbox.login_as("grace")
    return bed.browser().trip("/login/acme")


def from_a_faulty_provider(bed: Bed) -> requests.Response:
    bed.sandbox["plain"].set("token", access_token="")
    return bed.browser().trip("/login/plain")


CALLBACKS: dict[str, tuple[int, Visit]] = {
    "a login": (303, lambda bed: bed.browser().trip("/login/acme")),
    "a connect": (303, lambda bed: bed.browser().sign_in(U1).trip("/connect/plain")),
    "nobody's account": (303, from_another_account),
    "cancelled": (303, cancelled),
    "signed in meanwhile": (303, signed_in_meanwhile),
    "signed out meanwhile": (303, signed_out_meanwhile),
    "a faulty provider": (502, from_a_faulty_provider),
    "without a flow": (400, lambda bed: bed.browser().get("/login/acme?code=c&state=s")),
    "a repeated parameter": (400, lambda bed: bed.browser().get("/login/acme?state=s&state=s")),
    "used": (400, lambda bed: twice(bed.browser())),
    "another's": (400, lambda bed: bed.browser().get(back(bed.browser(), "/login/acme"))),
    "fetched ahead": (
        425,
        lambda bed: bed.browser().get("/login/acme?state=s", headers={"Purpose": "prefetch"}),
    ),
    "no such provider": (404, lambda bed: bed.browser().get("/login/nobody?code=c&state=s")),
    "posted": (405, lambda bed: bed.browser().post("/callback/acme", data={"code": "c"})),
}
PAGES: dict[str, tuple[int, Visit]] = {
    "too long a post": (
        413,
        lambda bed: bed.browser().post("/callback/acme", data=b"x" * 1_048_577),
    ),
    "login": (200, lambda bed: bed.browser().get("/login/acme?next=/x")),
    "connect": (200, lambda bed: bed.browser().get("/connect/acme")),
    "verify": (200, lambda bed: bed.browser().sign_in(U1).get("/verify/acme")),
    "connections": (200, lambda bed: bed.browser().sign_in(U1).get("/connections")),
    "confirm": (
        200,
        lambda bed: bed.browser().sign_in(U1).get(f"/connect/acme/{bed.accounts()[0][2]}"),
    ),
    "cross-site": (403, lambda bed: bed.browser().post("/login/acme", headers=CROSS)),
    "start": (303, lambda bed: bed.browser().post("/login/acme")),
}


def keeps_to_itself(answer: requests.Response, referrer: str) -> None:
    """The headers that every answer of ours has."""
    directives = set(answer.headers["Cache-Control"].split(", "))
    assert {"no-store", "private"} <= directives
    assert "public" not in directives
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["Referrer-Policy"] == referrer
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def loads_nothing_from_elsewhere(page: str) -> None:
    """Every address in *page* is a path of this site; there is no script, frame or picture."""
    addresses = re.findall(
        r"""\b(?:src|href|action|srcset|data|poster)\s*=\s*["']?([^"'\s>]*)""", page
    )
    assert not [each for each in addresses if not re.match(r"[/?](?!/)", each)], addresses
    assert not re.search(r"<(script|style|iframe|img|object|embed|base)\b|\son\w+=|url\(", page)


def test_A026_a_callback_keeps_its_address_to_itself(linked: Bed) -> None:
    for which, (status, visit) in CALLBACKS.items():
        linked.sandbox.reset()
        linked.sandbox.login_as("ada")
        answer = visit(linked)
        assert answer.status_code == status, which
        keeps_to_itself(answer, "no-referrer")
        loads_nothing_from_elsewhere(answer.text)
        says_nothing_of_its_query(answer)


def says_nothing_of_its_query(answer: requests.Response) -> None:
    """Neither code nor state is in the answer, and where it leads the address has no query."""
    query = query_of(answer.url)
    for name in ("code", "state"):
        value = query.get(name, "")
        assert len(value) < 10 or value not in answer.text + str(answer.headers)
    location = urlsplit(answer.headers.get("Location", "/"))
    assert (location.netloc, location.query, location.fragment) == ("", "", "")


def test_A026_a_page_is_kept_by_no_cache_and_shown_in_no_frame(linked: Bed) -> None:
    for which, (status, visit) in PAGES.items():
        answer = visit(linked)
        assert answer.status_code == status, which
        keeps_to_itself(answer, "same-origin")  # forms of a no-referrer page have no Origin
        if which != "start":
            loads_nothing_from_elsewhere(answer.text)


@pytest.mark.parametrize("kind", ["Strict", "form_post"])
def test_A026_the_page_of_a_detour_keeps_its_address_to_itself(
    make_bed: Callable[..., Bed], box: ServedSandbox, kind: str
) -> None:
    keys = {"consumer_key": "k", "consumer_secret": "s", "response_mode": "form_post"}
    bed = make_bed(
        SESSION_COOKIE_SAMESITE="Strict", SOCIAL_POSTY={**keys, "issuer": f"{box.url}posty"}
    )
    browser = bed.browser()
    if kind == "Strict":
        answer = browser.get(back(browser, "/login/acme"), headers=CROSS)
        code = query_of(answer.url)["code"]
    else:
        start = browser.post("/login/posty")
        state, code = query_of(start.headers["Location"])["state"], "the code of this test"
        cookie = {each.name: each.value or "" for each in browser.http.cookies}  # Secure, on http
        answer = browser.post(
            "/callback/posty", data={"state": state, "code": code}, headers=CROSS, cookies=cookie
        )
    assert answer.status_code == 200
    keeps_to_itself(answer, "no-referrer")
    loads_nothing_from_elsewhere(answer.text)
    assert code not in answer.text + str(answer.headers)


@pytest.mark.parametrize("path", ["/login//acme", "/login/acme/", "//login//acme", "/login/./acme"])
def test_A026_no_redirect_mends_an_address_that_holds_a_code(linked: Bed, path: str) -> None:
    browser = linked.browser()
    callback = back(browser, "/login/acme")
    answer = browser.get(callback.replace("/login/acme", path))
    if answer.status_code == 303:  # the client or the server read it as the address itself
        assert answer.headers["Location"] == "/home"
    else:
        assert answer.status_code in (404, 405)
        assert "Location" not in answer.headers
        assert linked.calls("acme") == 0
