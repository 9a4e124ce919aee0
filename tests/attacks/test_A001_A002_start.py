"""Nothing sets out to a provider but a button of this site: attacks on the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from flask_wtf import CSRFProtect

from flask_social.sandbox.shapes import subject_of
from tests.bed import Bed, Browser

U1 = "one@example.org"
EVIL = {"Origin": "https://evil.example"}
FOREIGN = {
    "cross-site": {"Sec-Fetch-Site": "cross-site", **EVIL},
    "a sibling subdomain": {"Sec-Fetch-Site": "same-site", "Origin": "http://evil.127.0.0.1"},
    "an old browser": EVIL,
    "a sandboxed frame": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "an old browser's sandboxed frame": {"Origin": "null"},
}
IMG = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


def went_nowhere(bed: Bed, browser: Browser, answer: requests.Response) -> bool:
    """No address of a provider, no flow in the browser, none in the table, nobody asked."""
    with bed.app.app_context():
        spent = bed.db.session.scalar(sa.select(sa.func.count()).select_from(bed.SpentFlow))
    flows = [cookie.name for cookie in browser.http.cookies if "social-" in cookie.name]
    asked = [bed.calls("acme", endpoint) for endpoint in ("discovery", "authorize", "token")]
    return ("Location" not in answer.headers, flows, spent, asked) == (True, [], 0, [0, 0, 0])


# A1: a login.


def test_A001_a_get_answers_a_page_with_a_button(bed: Bed) -> None:
    browser = bed.browser()
    answer = browser.get("/login/acme")
    assert answer.status_code == 200
    assert '<form class="social-form" action="/login/acme" method="post">' in answer.text
    assert "http-equiv" not in answer.text, "it does not press itself"
    assert "<script" not in answer.text
    assert went_nowhere(bed, browser, answer)


@pytest.mark.parametrize("body", ["nothing", "data", "json"])
def test_A001_a_post_from_another_site_is_refused(bed: Bed, body: str) -> None:
    browser = bed.browser()
    sent: dict[str, Any] = {} if body == "nothing" else {body: {"next": "/x"}}
    for sender, headers in FOREIGN.items():
        answer = browser.post("/login/acme", headers=headers, **sent)
        assert answer.status_code == 403, sender
        assert went_nowhere(bed, browser, answer), sender
    assert bed.told == []


def test_A001_under_csrf_protection_a_post_needs_the_token_as_well(
    make_bed: Callable[..., Bed],
) -> None:
    bed = make_bed(WTF_CSRF_ENABLED=True)
    CSRFProtect(bed.app)
    browser = bed.browser()

    without = browser.post("/login/acme")
    assert without.status_code == 400
    assert went_nowhere(bed, browser, without)

    form = {"csrf_token": token_in(browser.get("/login/acme").text)}
    foreign = browser.post("/login/acme", data=form, headers=EVIL)
    assert foreign.status_code == 403
    assert went_nowhere(bed, browser, foreign)

    assert browser.post("/login/acme", data=form).status_code == 303


def token_in(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


# A2: whatever is done in the name of somebody who is signed in.


@pytest.fixture
def victim(bed: Bed) -> Browser:
    """Somebody signed in who has two ways in by ``acme``."""
    bed.add_user(U1)
    ada = str(subject_of(bed.sandbox["acme"].script, bed.sandbox.people["ada"]))
    bed.connect(U1, "acme", ada)
    bed.connect(U1, "acme", "another")
    return bed.browser().sign_in(U1)


ACTIONS = [
    ("POST", "/connect/acme"),
    ("POST", "/reconnect/acme"),
    ("POST", "/verify/acme"),
    ("POST", "/disconnect/acme"),
    ("POST", "/connect/acme/another"),
    ("DELETE", "/connect/acme/another"),
    ("DELETE", "/connect/acme"),
]


@pytest.mark.parametrize("sender", FOREIGN)
def test_A002_a_form_of_another_site_does_nothing_for_the_victim(
    bed: Bed, victim: Browser, sender: str
) -> None:
    before = bed.accounts()
    for method, path in ACTIONS:
        form = {"provider_user_id": "another"} if "disconnect" in path else {}
        answer = victim._send(method, path, data=form, headers=FOREIGN[sender])
        assert answer.status_code == 403, path
        assert "came from another site" in answer.text
        assert went_nowhere(bed, victim, answer), path
    assert bed.accounts() == before
    assert bed.told == []


def test_A002_an_image_of_another_site_does_nothing_for_the_victim(
    bed: Bed, victim: Browser
) -> None:
    before = bed.accounts()
    for path in [*{path for _, path in ACTIONS}, "/callback/acme"]:
        answer = victim.get(path, headers=IMG)
        if answer.status_code == 302:  # the address of a POST that a verify page leads back to
            assert answer.headers.pop("Location") == "/connections", path
        else:
            assert answer.status_code == (400 if "callback" in path else 200), path
        assert went_nowhere(bed, victim, answer), path
    assert bed.accounts() == before


def test_A002_the_victims_own_button_connects(bed: Bed, victim: Browser) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Origin": bed.url}
    answer = victim.post("/connect/plain", headers=own)
    assert victim.get(victim.at_provider(answer.headers["Location"])).status_code == 303
    assert [account[1] for account in bed.accounts()] == ["acme", "acme", "plain"]
