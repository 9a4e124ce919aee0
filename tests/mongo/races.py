"""Two visitors at once in an application on MongoDB, as far as its one document at a time goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from tests.bed import Browser
from tests.mongobed import MongoBed

U1, U2 = "one@example.org", "two@example.org"
ADA = "ada@example.com"
JSON = {"Accept": "application/json"}
PATIENCE = 120
"""Seconds after which a visitor who waits for the other one gives up."""


def two_first_logins(bed: MongoBed) -> None:
    """Both are let in as the one user that is made."""
    both = threading.Barrier(2, timeout=PATIENCE)

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        both.wait()  # both have found nobody
        return bed.newcomer(grant.identity.email)

    browsers = [bed.browser(), bed.browser()]
    answers = at_once(*_callbacks(browsers, "/login/acme"))

    assert [each.headers["Location"] for each in answers] == ["/home", "/home"]
    assert [browser.who() for browser in browsers] == [ADA] * 2
    assert bed.users() == [ADA]
    assert [account[:2] for account in bed.accounts()] == [(ADA, "acme")]


def two_first_logins_without_an_address(bed: MongoBed) -> None:
    """No unique key of the user's tells the second that there is a first."""
    both = threading.Barrier(2, timeout=PATIENCE)
    numbers = iter(range(2))

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        both.wait()
        return bed.newcomer(f"nobody-{next(numbers)}@example.org")

    browsers = [bed.browser(), bed.browser()]
    answers = at_once(*_callbacks(browsers, "/login/acme"))

    assert [each.headers["Location"] for each in answers] == ["/home", "/home"]
    [user] = bed.users()
    assert [browser.who() for browser in browsers] == [user] * 2
    assert [account[:2] for account in bed.accounts()] == [(user, "acme")]


def two_users_for_one_identity(bed: MongoBed) -> None:
    """One has the account, the other is told."""
    bed.add_user(U1)
    bed.add_user(U2)
    both = threading.Barrier(2, timeout=PATIENCE)

    @bed.social.grant_checker
    def wait(grant: Any) -> None:
        both.wait()

    browsers = [bed.browser().sign_in(U1), bed.browser().sign_in(U2)]
    at_once(*_callbacks(browsers, "/connect/acme"))

    [(winner, *_)] = bed.accounts()
    for browser, email in zip(browsers, (U1, U2), strict=True):
        page = browser.get("/connections").text
        said = "account is connected." if email == winner else "connected to another account here"
        assert said in page
        assert browser.who() == email


def two_removals_of_the_last_two_ways_in(bed: MongoBed) -> None:
    """One is removed, one is kept."""
    bed.sandbox["plain"].set("api", id=7)
    bed.add_user(U1, password=None)
    bed.connect(U1, "plain", "7")
    bed.connect(U1, "acme", "8")
    browsers = [bed.browser(), bed.browser()]
    for browser in browsers:
        browser.trip("/login/plain")

    answers = at_once(
        lambda: browsers[0].delete("/connect/plain/7", headers=JSON),
        lambda: browsers[1].delete("/connect/acme/8", headers=JSON),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(bed.accounts()) == 1


def at_once(*work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(work)) as pool:
        return [each.result() for each in [pool.submit(one) for one in work]]


def _callbacks(browsers: list[Browser], path: str) -> list[Callable[[], Any]]:
    addresses = [browser.at_provider(browser.set_out(path)) for browser in browsers]
    pairs = zip(browsers, addresses, strict=True)
    return [partial(browser.get, url) for browser, url in pairs]
