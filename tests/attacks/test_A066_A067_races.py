"""A066 and A067: two requests at once for one identity, on a real database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.bed import Bed, Browser

U1, U2 = "one@example.org", "two@example.org"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/app.sqlite?timeout=60"  # to wait for the other's lock
    return str(request.getfixturevalue("postgres_database"))


def at_once(*work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(work)) as pool:
        return [each.result() for each in [pool.submit(one) for one in work]]


def callbacks(browsers: list[Browser], path: str) -> list[Callable[[], Any]]:
    addresses = [browser.at_provider(browser.set_out(path)) for browser in browsers]
    pairs = zip(browsers, addresses, strict=True)
    return [partial(browser.get, url) for browser, url in pairs]


def test_A066_two_first_logins(make_bed: Callable[..., Bed], database: str) -> None:
    bed = make_bed(database=database)
    both = threading.Barrier(2, timeout=60)

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        both.wait()  # both have found nobody
        security = bed.app.extensions["security"]
        return security.datastore.create_user(
            email=grant.identity.email, confirmed_at=security.datetime_factory()
        )

    browsers = [bed.browser(), bed.browser()]
    answers = at_once(*callbacks(browsers, "/login/acme"))

    assert [each.headers["Location"] for each in answers] == ["/home", "/home"]
    assert [browser.who() for browser in browsers] == ["ada@example.com"] * 2
    assert bed.users() == ["ada@example.com"]
    assert [account[:2] for account in bed.accounts()] == [("ada@example.com", "acme")]


def test_A067_two_users_for_one_identity(make_bed: Callable[..., Bed], database: str) -> None:
    bed = make_bed(database=database)
    bed.add_user(U1)
    bed.add_user(U2)
    both = threading.Barrier(2, timeout=60)

    @bed.social.grant_checker
    def wait(grant: Any) -> None:
        both.wait()

    browsers = [bed.browser().sign_in(U1), bed.browser().sign_in(U2)]
    at_once(*callbacks(browsers, "/connect/acme"))

    assert len(bed.accounts()) == 1
    winner = bed.accounts()[0][0]
    for browser, email in zip(browsers, (U1, U2), strict=True):
        page = browser.get("/connections").text
        said = "account is connected." if email == winner else "connected to another account here"
        assert said in page
        assert browser.who() == email


def test_a_newcomer_whose_address_is_taken_is_refused_without_a_trace(
    make_bed: Callable[..., Bed], database: str
) -> None:
    bed = make_bed(database=database)
    bed.add_user("ada@example.com")

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        return bed.app.extensions["security"].datastore.create_user(email=grant.identity.email)

    browser = bed.browser()
    answer = browser.trip("/login/acme")

    assert answer.headers["Location"] == "/login"
    assert browser.who() is None
    assert (bed.users(), bed.rows()) == (["ada@example.com"], [])


def test_A069_the_last_two_ways_in_are_not_removed_at_once(
    make_bed: Callable[..., Bed], database: str
) -> None:
    bed = make_bed(database=database)
    bed.add_user(U1, password=None)
    bed.sandbox["plain"].set("api", id=7)
    bed.connect(U1, "plain", "7")
    bed.connect(U1, "acme", "8")
    browsers = [bed.browser(), bed.browser()]
    for browser in browsers:
        browser.trip("/login/plain")
    json = {"Accept": "application/json"}

    answers = at_once(
        lambda: browsers[0].delete("/connect/plain/7", headers=json),
        lambda: browsers[1].delete("/connect/acme/8", headers=json),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(bed.accounts()) == 1
