"""One callback that comes twice, to two processes which share nothing but the ledger.

The ledger is a table of each database, or Redis.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from flask_social.sandbox import Hang
from tests.bed import Browser
from tests.hostile.databases import KINDS
from tests.hostile.together import at_once
from tests.hostile.workers import Workers, served_by

U1 = "one@example.org"
ROUNDS = 3


@pytest.fixture(params=[*KINDS, "redis"])
def workers(request: pytest.FixtureRequest, serve_on: Callable[..., Workers]) -> Workers:
    """Two workers; the user is connected to an account at ``acme``."""
    workers = serve_on(request.param)
    workers.bed.add_user(U1)
    workers.bed.connect(U1, "acme", workers.subject("acme", "ada"))
    return workers


def set_out_twice(workers: Workers, path: str) -> tuple[Browser, Browser, str]:
    """A browser on its way back, with a connection to each worker, and the callback's address."""
    browser, twin = workers.one_each()
    if "connect" in path:
        browser.sign_in(U1)
    url = browser.at_provider(browser.set_out(path))
    twin.http.cookies.update(browser.http.cookies)
    return browser, twin, url


def in_the_middle(
    workers: Workers, browser: Browser, url: str, second: Callable[[str], Any]
) -> list[Any]:
    """Two answers to one callback: the second is asked for and given while the first is not."""
    hang = workers.bed.sandbox["acme"].fail("token", Hang(times=1))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(browser.get, url)
        assert hang.entered.wait(60)
        answer = second(url)
        hang.release()
        return [first.result(), answer]


def test_A011_concurrent_double_callback(workers: Workers) -> None:
    browser, twin, url = set_out_twice(workers, "/login/acme")

    first, second = in_the_middle(workers, browser, url, twin.get)

    assert first.headers["Location"] == "/home"
    assert (second.status_code, "already used" in second.text) == (400, True)
    assert "Start again" in second.text
    assert served_by(first) != served_by(second)
    assert browser.who() == U1
    assert workers.calls("acme") == 1
    assert len(workers.told("login_completed")) == 1
    assert [told["reason"] for told in workers.told("flow_rejected")] == ["used"]
    # Tried once more by the browser that is signed in by now:
    assert browser.get(url).headers["Location"] == "/home"
    assert len(workers.told("flow_rejected")) == 1


def test_F31_two_callbacks_at_the_same_instant_on_two_workers(workers: Workers) -> None:
    for turn in range(ROUNDS):
        browser, twin, url = set_out_twice(workers, "/login/acme")

        answers = at_once(*(lambda each=each, url=url: each.get(url) for each in (browser, twin)))

        assert sorted(answer.status_code for answer in answers) == [303, 400]
        assert len({served_by(answer) for answer in answers}) == 2
        assert sorted(str(each.who()) for each in (browser, twin)) == ["None", U1]
        assert workers.calls("acme") == turn + 1
    assert len(workers.told("login_completed")) == ROUNDS
    assert workers.bed.users() == [U1]
    assert len(workers.bed.rows()) == 1


def test_F31_two_callbacks_of_a_connect_at_the_same_instant(workers: Workers) -> None:
    browser, twin, url = set_out_twice(workers, "/connect/acme")

    first, second = in_the_middle(workers, browser, url, twin.get)

    assert first.headers["Location"] == second.headers["Location"] == "/connections"
    assert served_by(first) != served_by(second)
    assert workers.calls("acme") == 1
    assert [account[:2] for account in workers.bed.accounts()] == [(U1, "acme")]
    assert [row.version for row in workers.bed.rows()] == [2], "renewed, and once"
    assert workers.told("flow_rejected") == []


def test_A010_replay_at_the_other_worker(workers: Workers) -> None:
    browser, twin, url = set_out_twice(workers, "/login/acme")
    assert browser.get(url).headers["Location"] == "/home"
    browser.sign_out()

    answer = twin.get(url)

    assert (answer.status_code, "already used" in answer.text) == (400, True)
    assert served_by(answer) != served_by(browser.get("/home"))
    assert (twin.who(), browser.who()) == (None, None)
    assert workers.calls("acme") == 1, "the first time's"
    assert twin.trip("/login/acme").headers["Location"] == "/home"


def test_A012_a_flow_that_expired_before_it_came_to_the_other_worker(workers: Workers) -> None:
    browser, twin, url = set_out_twice(workers, "/login/acme")
    assert browser.trip("/login/acme").headers["Location"] == "/home"

    workers.advance_clock(11 * 60)
    answer = twin.get(url)

    assert (answer.status_code, "took too long" in answer.text) == (400, True)
    assert workers.calls("acme") == 1, "that of the other trip"
    assert [told["reason"] for told in workers.told("flow_rejected")] == ["expired"]
    if workers.redis:
        return  # it forgets by its own clock
    workers.advance_clock(10 * 60)
    workers.bed.sandbox.skew = 21 * 60
    assert twin.trip("/login/acme").headers["Location"] == "/home"
    assert workers.spent() == 1, "that of the first login was purged"
