"""F42 and F43: who set out is somebody else when they return, or may not in any more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from flask_social.sandbox import Hang
from flask_social.testing import ServedSandbox
from tests.bed import PASSWORD, Bed, Browser

U1 = "one@example.org"
MakeBed = Callable[..., Bed]
CHANGES = ["deactivated", "locked", "deleted"]


def callback_of(browser: Browser, path: str) -> str:
    return browser.at_provider(browser.set_out(path))


@pytest.mark.parametrize("intent", ["connect", "reconnect", "verify"])
def test_F42_logged_out_in_another_tab_the_trip_ends_at_the_login_page(
    bed: Bed, intent: str
) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    if intent != "connect":
        browser.trip("/connect/acme")
    before = [(row.access_token, row.version) for row in bed.rows()]
    bed.sandbox.reset_counters()
    callback = callback_of(browser, f"/{intent}/acme")
    browser.sign_out()

    answer = browser.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "Please sign in and start again" in browser.get("/login").text
    assert browser.who() is None
    assert bed.calls("acme") == 0
    assert [(row.access_token, row.version) for row in bed.rows()] == before
    browser.sign_in(U1)
    assert browser.trip("/connect/plain").headers["Location"] == "/connections"


def change(bed: Bed, how: str) -> None:
    """What an administrator does to U1."""
    if how == "deactivated":
        bed.change_user(U1, active=False)
    elif how == "locked":
        lock(bed)
    else:
        with bed.app.app_context():
            bed.db.session.execute(sa.delete(bed.Connection))
            bed.db.session.execute(sa.delete(bed.User))
            bed.db.session.commit()


def lock(bed: Bed) -> None:
    def is_locked(self: Any, problems: list[str] | None = None) -> bool:
        if problems is not None:
            problems.append("This account is locked for an hour.")
        return True

    bed.User.is_locked = is_locked


def password_form_says(bed: Bed) -> str:
    answer = bed.browser().post("/login", json={"email": U1, "password": PASSWORD})
    return str(answer.json()["response"]["errors"][0])


@pytest.fixture
def filed(make_bed: MakeBed, tmp_path: Path) -> Bed:
    """An application whose database another connection can change meanwhile."""
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.db?timeout=60")
    bed.add_user(U1)
    return bed


def changed_after_the_token(
    bed: Bed, box: ServedSandbox, browser: Browser, callback: str, how: str
) -> requests.Response:
    """The answer to *callback*, U1 being changed between the token exchange and the profile."""
    hang = box["plain"].fail("api", Hang())
    assert isinstance(hang, Hang)
    answers: list[requests.Response] = []
    trip = threading.Thread(target=lambda: answers.append(browser.get(callback)))
    trip.start()
    assert hang.entered.wait(60)
    assert bed.calls("plain") == 1
    change(bed, how)
    hang.release()
    trip.join()
    box["plain"].honest()
    return answers[0]


@pytest.mark.parametrize("moment", ["at the provider", "after the token exchange"])
@pytest.mark.parametrize("how", CHANGES)
def test_F43_who_may_not_in_any_more_when_the_login_returns_is_not_let_in(
    filed: Bed, box: ServedSandbox, how: str, moment: str
) -> None:
    filed.browser().sign_in(U1).trip("/connect/plain")
    before = [(row.access_token, row.version) for row in filed.rows()]
    browser = filed.browser()
    callback = callback_of(browser, "/login/plain")
    box.reset_counters()

    if moment == "at the provider":
        change(filed, how)
        answer = browser.get(callback)
    else:
        answer = changed_after_the_token(filed, box, browser, callback, how)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert browser.who() is None
    page = browser.get("/login").text
    assert ("No account here is connected" if how == "deleted" else password_form_says(filed)) in (
        page
    )
    assert filed.signals("login_completed") == []
    assert len(filed.signals("login_failed")) == 1
    after = [(row.access_token, row.version) for row in filed.rows()]
    assert after == ([] if how == "deleted" else before)


@pytest.mark.parametrize("moment", ["at the provider", "after the token exchange", "in a checker"])
@pytest.mark.parametrize("how", CHANGES)
def test_F43_who_may_not_in_any_more_when_a_connect_returns_gets_no_connection(
    filed: Bed, box: ServedSandbox, how: str, moment: str
) -> None:
    browser = filed.browser().sign_in(U1)
    callback = callback_of(browser, "/connect/plain")
    if moment == "in a checker":

        @filed.social.grant_checker
        def slow(grant: Any) -> None:
            thread = threading.Thread(target=change, args=(filed, how))
            thread.start()
            thread.join()

    if moment == "after the token exchange":
        answer = changed_after_the_token(filed, box, browser, callback, how)
    else:
        if moment == "at the provider":
            change(filed, how)
        answer = browser.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert filed.rows() == []
    assert filed.signals("connection_created") == []
    assert [told["reason"] for told in filed.signals("flow_rejected")] == ["not_signed_in"]
    assert filed.browser().get("/login").status_code == 200, "the database is nobody's"
