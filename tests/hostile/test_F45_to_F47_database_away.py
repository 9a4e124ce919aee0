"""F45 to F47: the database goes away before, during and after what is asked of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from flask_social.sandbox import Hang
from tests.bed import Bed, Browser
from tests.hostile.databases import Database
from tests.hostile.db_proxy import Proxy, proxy

U1 = "one@example.org"
ADA = "ada@example.com"
JSON = {"Accept": "application/json"}
POOLS: dict[str, dict[str, Any]] = {"pool": {}, "no pool": {"poolclass": NullPool}}


@dataclass
class Place:
    """An application, and the line to its database."""

    bed: Bed
    line: Proxy
    database: Database

    def browser(self) -> Browser:
        return self.bed.browser()

    def kept(self) -> tuple[list[str], list[str]]:
        """The users, and whose the connections are, as the server itself says."""
        with self.database.connected() as connection:
            users = connection.scalars(sa.text('SELECT email FROM "user" ORDER BY id'))
            owners = sa.text('SELECT u.email FROM connection JOIN "user" u ON u.id = user_id')
            return list(users), list(connection.scalars(owners))

    def meanwhile(self, browser: Browser, callback: str, **headers: str) -> requests.Response:
        """What *callback* is answered when the database goes away while a code is exchanged."""
        hang = Hang()
        self.bed.sandbox["acme"].fail("token", hang)
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(browser.get, callback, headers=headers)
            assert hang.entered.wait(60)
            self.line.go_away()
            self.bed.sandbox["acme"].clear()
            return coming.result()

    def require_a_page(self, answer: requests.Response) -> None:
        """*answer* is the page of this outcome, and it is told once."""
        assert answer.status_code == 503, answer.text
        assert "nothing was changed" in answer.text
        assert "Location" not in answer.headers
        assert [name for name, _ in self.bed.told] == ["store_failed"]
        self.bed.told.clear()


@pytest.fixture(params=POOLS)
def place(
    request: pytest.FixtureRequest, make_bed: Callable[..., Bed], postgres_database: str
) -> Iterator[Place]:
    with proxy(postgres_database) as line:
        bed = make_bed(database=line.url, SQLALCHEMY_ENGINE_OPTIONS=POOLS[request.param])

        @bed.social.newcomer_handler
        def sign_up(grant: Any) -> Any:
            users = bed.app.extensions["security"].datastore
            now = bed.app.extensions["security"].datetime_factory()
            return users.create_user(email=grant.identity.email, confirmed_at=now)

        yield Place(bed, line, Database("postgresql", postgres_database))
        bed.sandbox.release()


def test_F46_a_login_is_cut_between_the_exchange_and_the_commit(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    browser = place.browser()
    callback = browser.at_provider(browser.set_out("/login/acme", next="/there"))

    answer = place.meanwhile(browser, callback)

    place.require_a_page(answer)
    [line] = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert line.name == "flask_social"
    assert answer.text.partition("<code>")[2].partition("<")[0] in line.getMessage()
    assert "psycopg.OperationalError" in line.getMessage()
    assert "SELECT" not in line.getMessage()
    place.line.come_back()
    assert browser.who() is None
    assert place.kept() == ([], [])
    again = answer.text.partition('class="social-button" href="')[2].partition('"')[0]
    assert browser.get(again).status_code == 200
    assert browser.trip(again).headers["Location"] == "/there"
    assert browser.who() == ADA
    assert place.kept() == ([ADA], [ADA])
    place.database.require_quiet()


def test_F46_a_connect_is_cut_between_the_exchange_and_the_commit(place: Place) -> None:
    place.bed.add_user(U1)
    browser = place.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/acme"))

    answer = place.meanwhile(browser, callback, **JSON)

    assert answer.status_code == 503
    said = answer.json()["response"]
    assert (said["code"], len(said["correlation_id"])) == ("store_unavailable", 16)
    place.line.come_back()
    assert browser.who() == U1
    assert place.kept() == ([U1], [])
    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    assert place.kept() == ([U1], [U1])
    place.database.require_quiet()


def test_F45_down_at_the_start_of_a_connect(place: Place) -> None:
    place.bed.add_user(U1)
    browser = place.browser().sign_in(U1)
    place.line.go_away()
    place.require_a_page(browser.post("/connect/acme"))
    place.require_a_page(browser.get("/connections"))
    place.require_a_page(browser.delete("/connect/acme"))
    assert place.bed.calls("acme", "authorize") == 0
    place.line.come_back()
    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    place.database.require_quiet()


def test_F45_a_login_sets_out_without_the_database_and_ends_once_it_is_back(place: Place) -> None:
    browser = place.browser()
    place.line.go_away()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    place.require_a_page(browser.get(callback))
    assert place.bed.calls("acme") == 0
    place.line.come_back()
    assert browser.get(callback).headers["Location"] == "/home"
    assert browser.who() == ADA
    place.database.require_quiet()


@pytest.mark.parametrize("place", ["pool"], indirect=True)
def test_F46_a_server_that_was_started_again_costs_one_page(place: Place) -> None:
    place.bed.add_user(U1)
    browser = place.browser().sign_in(U1)
    place.line.cut()
    place.require_a_page(browser.get("/connections"))
    assert browser.get("/connections").status_code == 200
    place.database.require_quiet()


@pytest.mark.parametrize("written", [True, False], ids=["written", "not written"])
def test_F47_the_answer_to_a_commit_is_lost(place: Place, written: bool) -> None:
    @place.bed.social.grant_checker
    def lose(grant: Any) -> None:
        place.line.lose_next_commit(after=written)
        place.bed.social.hooks.checkers.clear()

    browser = place.browser()

    place.require_a_page(browser.trip("/login/acme"))

    assert browser.who() is None, "nobody is signed in by halves"
    assert place.kept() == (([ADA], [ADA]) if written else ([], []))
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert browser.who() == ADA
    assert place.kept() == ([ADA], [ADA])
    place.database.require_quiet()


@pytest.mark.parametrize("written", [True, False], ids=["written", "not written"])
def test_F47_the_answer_to_the_ledger_s_commit_is_lost(place: Place, written: bool) -> None:
    browser = place.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    place.line.lose_next_commit(after=written)
    place.require_a_page(browser.get(callback))
    assert place.bed.calls("acme") == 0
    again = browser.get(callback)
    assert again.status_code == (400 if written else 303)
    assert ("already used" in again.text) is written
    assert place.browser().trip("/login/acme").headers["Location"] == "/home"
    place.database.require_quiet()


def test_a_page_for_a_broken_database_asks_nothing_of_it(place: Place) -> None:
    place.bed.add_user(U1)
    asked: list[str] = []

    @place.bed.app.context_processor
    def menu() -> dict[str, Any]:
        asked.append("menu")
        return {}

    @place.bed.app.after_request
    def look(answer: Any) -> Any:
        from flask_security import current_user

        asked.append(f"authenticated: {current_user.is_authenticated}")
        return answer

    browser = place.browser().sign_in(U1)
    asked.clear()
    place.line.go_away()
    place.require_a_page(browser.get("/connections"))
    assert asked == ["authenticated: False"]
    place.line.come_back()
    assert browser.get("/connections").status_code == 200
    assert asked[1:] == ["menu", "authenticated: True"]


def test_no_connection_left_in_the_pool(
    make_bed: Callable[..., Bed], postgres_database: str
) -> None:
    options = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0}
    bed = make_bed(database=postgres_database, SQLALCHEMY_ENGINE_OPTIONS=options)
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    with bed.app.app_context():
        engine = bed.db.engine
    with engine.connect():
        answer = browser.get(callback)
    assert answer.status_code == 503
    assert [name for name, _ in bed.told] == ["store_failed"]
    assert browser.get(callback).headers["Location"] == "/login"
