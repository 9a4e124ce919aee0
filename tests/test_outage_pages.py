"""What is answered where a database broke: pages, JSON, views of the application's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from flask_social import Denied, StoreUnavailable
from tests.bed import Bed
from tests.test_outage import U1, locking, told

JSON = {"Accept": "application/json"}


@pytest.fixture
def rival(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else with the application's file open."""
    yield from locking(tmp_path / "app.sqlite")


@pytest.fixture
def bed(make_bed: Callable[..., Bed], tmp_path: Path, rival: sqlite3.Connection) -> Bed:
    """An application that waits for no lock."""
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.sqlite?timeout=0")
    bed.add_user(U1)
    return bed


@pytest.mark.parametrize(
    ("path", "retry"),
    [
        ("/connections", "/connections"),
        ("/connect/acme", "/connect/acme"),
        ("/connect/acme/5", "/connections"),
        ("/connect/nobody", "/connections"),
        ("/verify/acme", "/verify/acme"),
        ("/social-static/social.css", "/connections"),
    ],
)
def test_the_button_leads_where_it_can_be_started_again(
    bed: Bed, rival: sqlite3.Connection, path: str, retry: str
) -> None:
    browser = bed.browser().sign_in(U1)
    rival.execute("PRAGMA locking_mode = EXCLUSIVE")
    rival.execute("BEGIN EXCLUSIVE")
    answer = browser.get(path)
    assert answer.status_code == 503
    assert f'class="social-button" href="{retry}"' in answer.text
    said = browser.get(path, headers=JSON).json()["response"]
    assert said["code"] == "store_unavailable"
    assert len(said["correlation_id"]) == 16
    assert told(bed) == ["store_failed", "store_failed"]
    rival.execute("ROLLBACK")


@pytest.mark.parametrize("hook", ["grant_checker", "newcomer_handler"])
def test_a_hook_that_meets_the_trouble_refuses_nobody_for_it(
    bed: Bed, rival: sqlite3.Connection, hook: str
) -> None:
    def write(grant: Any) -> None:
        bed.db.session.execute(sa.update(bed.User).values(username="seen"))

    getattr(bed.social, hook)(write)
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))

    @bed.social.grant_checker
    def lock(grant: Any) -> None:
        rival.execute("BEGIN IMMEDIATE")

    if hook == "grant_checker":
        bed.app.extensions["social"].hooks.checkers.reverse()
    assert browser.get(callback).status_code == 503
    assert told(bed) == ["store_failed"]
    rival.execute("ROLLBACK")


def test_a_page_that_meets_the_trouble_while_it_is_made_is_another(
    bed: Bed, rival: sqlite3.Connection
) -> None:
    browser = bed.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/acme"))

    @bed.social.grant_checker
    def refuse(grant: Any) -> None:
        bed.db.session.rollback()  # so that who the visitor is has to be read again
        rival.execute("BEGIN EXCLUSIVE")
        raise Denied("denied")

    answer = browser.get(callback)
    assert answer.status_code == 503
    assert told(bed) == ["store_failed"]
    rival.execute("ROLLBACK")
    assert browser.who() == U1


def test_views_of_the_application_s_own_answer_it_too(bed: Bed, rival: sqlite3.Connection) -> None:
    acme = bed.app.extensions["social"].acme

    @bed.app.route("/theirs", methods=["POST"])
    def out() -> Any:
        return acme.authorize("/back")

    @bed.app.get("/back")
    @acme.authorized_handler
    def back(answer: Any) -> str:
        return "never"

    @bed.app.get("/register")
    def register() -> Any:
        from flask_social.views import connect_handler

        values = {"provider_id": "acme", "provider_user_id": "7", "access_token": "t"}
        return connect_handler({**values, "user_id": bed.user_id(U1)})

    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/theirs"))
    rival.execute("BEGIN IMMEDIATE")
    for path in (callback, "/register"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert "nothing was changed" in answer.text
        assert told(bed) == ["store_failed"]
    rival.execute("ROLLBACK")
    assert bed.rows() == []
    assert browser.get(callback).text == "never"


@pytest.mark.answers_500("a table that is missing is the operator's mistake")
def test_a_mistake_is_no_outage(bed: Bed) -> None:
    with bed.app.app_context():
        bed.SpentFlow.__table__.drop(bed.db.engine)
    with pytest.raises(OperationalError, match="no such table"):
        bed.app.test_client().get("/login/acme?code=1&state=2")
    assert told(bed) == []


def test_a_ledger_of_the_application_s_own_may_say_so(make_bed: Callable[..., Bed]) -> None:
    class Away:
        def spend(self, key: str, expires_at: int) -> bool:
            raise StoreUnavailable("away")

        def is_spent(self, key: str) -> bool:
            raise StoreUnavailable("away")

    bed = make_bed(SOCIAL_LEDGER=Away())
    browser = bed.browser()
    assert browser.trip("/login/acme").status_code == 503
    assert browser.get("/login/acme?code=1&state=2").status_code == 503
    assert told(bed) == ["store_failed", "store_failed"]
