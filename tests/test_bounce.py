"""Answers from the provider's own site, over https: cookies, the bounce, no code in a URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from werkzeug.test import TestResponse

from flask_social.testing import ServedSandbox
from tests.bed import Bed, query_of

U1 = "one@example.org"
HERE = "https://127.0.0.1:8443"
CROSS = {"Sec-Fetch-Site": "cross-site"}


class Https:
    """A browser that is on https, without the cookies that a cross-site POST leaves behind."""

    def __init__(self, bed: Bed) -> None:
        self.bed = bed
        self.client = bed.app.test_client()

    def post(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.post(path, base_url=HERE, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, base_url=HERE, **kwargs)

    def sign_in(self) -> None:
        answer = self.post("/login", json={"email": U1, "password": "correct horse battery"})
        assert answer.status_code == 200

    def cookies_of(self, answer: TestResponse) -> dict[str, str]:
        """Each cookie that *answer* sets, by name, with its attributes."""
        headers = answer.headers.getlist("Set-Cookie")
        return {each.partition("=")[0]: each for each in headers}


@pytest.fixture
def posty(make_bed: Callable[..., Bed], box: ServedSandbox) -> Https:
    """U1's browser, and a provider that answers by form post."""
    keys = {"consumer_key": "k", "consumer_secret": "s", "issuer": f"{box.url}posty"}
    bed = make_bed(SOCIAL_POSTY={**keys, "response_mode": "form_post"}, SOCIAL_APP_URL=HERE)
    bed.add_user(U1)
    browser = Https(bed)
    browser.sign_in()
    return browser


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of the provider's page that posts itself."""
    fields = {}
    for part in page.split("<input")[1:]:
        name = part.partition('name="')[2].partition('"')[0]
        fields[name] = part.partition('value="')[2].partition('"')[0]
    return {name: value for name, value in fields.items() if name in ("code", "state", "iss")}


def test_A020_a_form_post_answer_connects_by_way_of_a_page(posty: Https) -> None:
    start = posty.post("/connect/posty")
    [flow] = [each for name, each in posty.cookies_of(start).items() if "flow" in name]
    assert flow.startswith("__Host-social-flow-")
    attributes = flow.split("; ")[1:]
    assert {"SameSite=None", "Secure", "HttpOnly", "Path=/"} <= set(attributes)
    assert not [each for each in attributes if each.startswith("Domain")]
    asked = query_of(start.headers["Location"])
    assert asked["redirect_uri"] == f"{HERE}/callback/posty"
    assert asked["response_mode"] == "form_post"
    form = form_of(requests.get(start.headers["Location"], timeout=60).text)

    bounce = posty.post("/callback/posty", data=form, headers=CROSS)

    assert bounce.status_code == 200
    assert bounce.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in bounce.headers["Cache-Control"]
    assert f"?state={form['state']}" in bounce.text
    assert form["code"] not in bounce.text
    assert "<script" not in bounce.text
    assert posty.bed.calls("posty") == 0, "nothing is spent yet"
    done = posty.get(f"/callback/posty?state={form['state']}")
    assert done.headers["Location"] == "/connections"
    assert [row[1] for row in posty.bed.accounts()] == ["posty"]
    assert posty.bed.calls("posty") == 1

    replay = posty.post("/callback/posty", data=form, headers=CROSS)
    assert replay.status_code == 400
    assert posty.bed.calls("posty") == 1


def test_a_form_post_error_is_shown_as_one(posty: Https) -> None:
    posty.bed.sandbox.deny()
    start = posty.post("/connect/posty")
    page = requests.get(start.headers["Location"], timeout=60).text
    assert 'name="error" value="access_denied"' in page
    state = form_of(page)["state"]

    posty.post("/callback/posty", data={"error": "access_denied", "state": state}, headers=CROSS)
    done = posty.get(f"/callback/posty?state={state}")

    assert done.headers["Location"] == "/connections"
    assert len(posty.bed.signals("connection_denied")) == 1


def test_a_state_alone_without_an_answer_spends_nothing(posty: Https) -> None:
    start = posty.post("/connect/posty")
    state = query_of(start.headers["Location"])["state"]
    assert posty.get(f"/callback/posty?state={state}").status_code == 400
    form = form_of(requests.get(start.headers["Location"], timeout=60).text)
    posty.post("/callback/posty", data=form, headers=CROSS)
    assert posty.get(f"/callback/posty?state={state}").status_code == 303


def test_an_answer_that_does_not_fit_a_cookie_is_refused(posty: Https) -> None:
    start = posty.post("/connect/posty")
    state = query_of(start.headers["Location"])["state"]
    answer = posty.post("/callback/posty", data={"state": state, "code": "x" * 4000})
    assert answer.status_code == 400


def test_A017_a_cookie_that_a_sibling_subdomain_planted_counts_for_nothing(posty: Https) -> None:
    start = posty.post("/connect/acme")
    [(name, flow)] = [each for each in posty.cookies_of(start).items() if "flow" in each[0]]
    value = flow.partition("=")[2].partition(";")[0]
    code = requests.get(start.headers["Location"], allow_redirects=False, timeout=60)
    path = urlsplit(code.headers["Location"])
    victim = Https(posty.bed)
    victim.sign_in()
    planted = name.removeprefix("__Host-")
    victim.client.set_cookie(planted, value, domain="127.0.0.1")

    answer = victim.get(f"{path.path}?{path.query}")

    assert answer.status_code == 400
    assert posty.bed.rows() == []


def test_F36_a_strict_session_cookie_works_by_way_of_a_page(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = make_bed(SESSION_COOKIE_SAMESITE="Strict", SOCIAL_APP_URL=HERE)
    bed.add_user(U1)
    browser = Https(bed)
    browser.sign_in()
    start = browser.post("/connect/acme")
    back = requests.get(start.headers["Location"], allow_redirects=False, timeout=60)
    path = urlsplit(back.headers["Location"])
    session = browser.client.get_cookie("session", domain="127.0.0.1")
    assert session is not None
    browser.client.delete_cookie("session", domain="127.0.0.1")  # a browser keeps it back

    bounce = browser.get(f"{path.path}?{path.query}", headers=CROSS)
    assert bounce.status_code == 200
    assert query_of(back.headers["Location"])["code"] not in bounce.text
    browser.client.set_cookie("session", session.value, domain="127.0.0.1")
    state = query_of(back.headers["Location"])["state"]
    done = browser.get(f"{path.path}?state={state}", headers={"Sec-Fetch-Site": "same-origin"})

    assert done.headers["Location"] == "/connections"
    assert [row[1] for row in bed.accounts()] == ["acme"]
