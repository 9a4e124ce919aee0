"""F25, F26 and F28: the answer tells of trouble, lacks something, or comes another way."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from flask_social.messages import MESSAGES
from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser, usual_config
from tests.faults.visits import U1, UNEXPECTED, Visits
from tests.tls_proxy import proxy

AT_ONCE = {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}
WORDS = {
    "temporarily_unavailable": "cannot do this right now",
    "server_error": "Something went wrong at Plain",
    "login_required": "wants you to sign in there first",
    "interaction_required": "has a question to you first",
    "consent_required": "needs your consent first",
    "account_selection_required": "choose one of your accounts",
    "invalid_request": "does not understand what this site asks for",
    "invalid_scope": "does not share what this site asks for",
    "unauthorized_client": "does not let this site ask",
    "unsupported_response_type": "does not answer the way this site asks",
}


def test_F25_each_error_at_the_callback_has_words_of_its_own(plain: Visits) -> None:
    assert len(set(WORDS.values())) == len(WORDS.keys() & MESSAGES.keys())
    plain.bed.sandbox.deny()
    told = {"error_description": "Call +1-800-EVIL", "error_uri": "https://evil.example"}
    for code, words in WORDS.items():
        plain.provider.set("callback", error=code, **told)
        status = 503 if code == "temporarily_unavailable" else 502
        ended = plain.fails(status, words, code, asked=0)
        assert "EVIL" not in ended.answer.text + ended.line
    for code in ("slow_down", "<script>", "x" * 500, "missing", "used", "ACCESS_DENIED"):
        plain.provider.set("callback", error=code, **told)
        ended = plain.fails(502, UNEXPECTED, "unknown_error", asked=0)
        assert "EVIL" not in ended.answer.text + ended.line
    plain.bed.sandbox.login_as("ada")
    plain.mended()


def test_F25_the_flow_of_an_error_is_spent(plain: Visits) -> None:
    plain.bed.sandbox.deny()
    plain.provider.set("callback", error="server_error")
    browser = plain.bed.browser()
    callback = browser.at_provider(browser.set_out("/login/plain"))
    assert [browser.get(callback).status_code for _ in range(2)] == [502, 400]


def test_F26_an_answer_that_lost_its_iss(acme: Visits) -> None:
    acme.provider.delete("callback", "iss")
    line = acme.fails(502, UNEXPECTED, "missing_iss", asked=0).line
    assert "RFC 9207: the answer lacks iss" in line
    acme.mended()


def test_F26_the_operator_may_do_without_where_it_cannot_be_mended(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    acme = usual_config(box.url)["SOCIAL_ACME"]
    visits = Visits(make_bed(SOCIAL_ACME={**acme, "require_iss": False}), caplog, "acme")
    visits.provider.delete("callback", "iss")
    visits.works()
    visits.provider.honest()
    visits.provider.set("callback", iss="https://other.example")
    assert "names another server" in visits.fails(502, UNEXPECTED, "wrong_iss", asked=0).line
    visits.mended()


def test_F26_or_ask_for_it_where_nothing_announces_it(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    plain = usual_config(box.url)["SOCIAL_PLAIN"]
    visits = Visits(make_bed(SOCIAL_STRICT={**plain, "require_iss": True}), caplog)
    visits.by("strict").fails(502, UNEXPECTED, "missing_iss", asked=0)
    visits.works()


def test_F26_an_answer_that_lost_something_else(acme: Visits) -> None:
    acme.provider.delete("callback", "code")
    acme.fails(502, UNEXPECTED, "missing_code", asked=0)
    acme.provider.honest()
    acme.provider.delete("callback", "state")
    acme.begin_anew()
    answer = acme.bed.browser().trip("/login/acme")
    assert (answer.status_code, "Please start again" in answer.text) == (400, True)
    assert [name for name, _ in acme.bed.told] == ["flow_rejected"]
    assert acme.asked() == 0
    acme.mended()


def fields_of(page: str) -> dict[str, str]:
    """What the provider's page would post."""
    found = re.findall(r'name="(code|state|error)" value="([^"]+)"', page)
    return dict(found)


@pytest.fixture
def posty(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path
) -> Iterator[tuple[Bed, Browser]]:
    """A provider that is asked to answer by form post, and a visitor, who comes by https."""
    keys = {"consumer_key": "k", "consumer_secret": "s", "issuer": f"{box.url}posty"}
    with proxy(tmp_path / "ca.pem") as before:
        form_post = {**keys, "response_mode": "form_post"}
        bed = make_bed(SOCIAL_POSTY=form_post, SOCIAL_APP_URL=before.url)
        bed.add_user(U1)
        before.stand_before(bed)
        yield bed, before.browser(bed)


def answer_of(browser: Browser, path: str) -> dict[str, str]:
    """What the provider answers when one sets out at *path*."""
    there = browser.set_out(path)
    return fields_of(requests.get(there, timeout=60).text)


@pytest.mark.parametrize("session", ["Lax", "Strict"])
def test_F28_a_code_that_was_to_come_by_form_post_and_came_in_the_address(
    posty: tuple[Bed, Browser], caplog: pytest.LogCaptureFixture, session: str
) -> None:
    bed, browser = posty
    bed.app.config["SESSION_COOKIE_SAMESITE"] = session
    said = answer_of(browser, "/login/posty")
    with caplog.at_level(logging.DEBUG):
        answer = browser.get("/callback/posty", params=said)
    assert (answer.status_code, UNEXPECTED in answer.text) == (502, True)
    assert "response_mode: form_post was asked for" in caplog.text
    assert [told["error"].code for told in bed.signals("provider_failed")] == [
        "wrong_response_mode"
    ]
    assert browser.get("/callback/posty", params=said).status_code == 400, "the flow was spent"
    assert (bed.calls("posty"), bed.rows(), browser.who()) == (0, [], None)


def test_F28_an_error_that_came_in_the_address_is_still_understood(
    posty: tuple[Bed, Browser], box: ServedSandbox
) -> None:
    bed, browser = posty
    box.deny()
    said = answer_of(browser, "/login/posty")
    assert browser.get("/callback/posty", params=said).headers["Location"] == "/login"
    assert [name for name, _ in bed.told] == ["login_denied"]


def test_F28_an_answer_by_form_post_that_was_to_come_in_the_address(acme: Visits) -> None:
    browser = acme.bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    said = dict(re.findall(r"[?&](code|state)=([^&]+)", callback))
    acme.begin_anew()
    before = acme.kept()
    for path, status in (("/login/acme", 403), ("/connect/acme", 403), ("/callback/acme", 405)):
        answer = browser.post(path, data=said, headers=AT_ONCE)
        assert answer.status_code == status
        assert "Location" not in answer.headers
    assert (acme.asked(), acme.kept(), browser.who()) == (0, before, None)
    acme.works()


def test_F28_an_answer_in_the_fragment_or_at_another_address(acme: Visits) -> None:
    browser = acme.bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    acme.begin_anew()
    before = acme.kept()
    page = browser.get("/login/acme")
    assert (page.status_code, "Continue to Acme" in page.text) == (200, True)
    elsewhere = browser.get(callback.replace("/login/", "/connect/"))
    assert (elsewhere.status_code, elsewhere.headers.get("Location")) == (400, None)
    assert (acme.asked(), acme.kept(), browser.who()) == (0, before, None)
    acme.works()
