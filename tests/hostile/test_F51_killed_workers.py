"""F51: a worker dies by SIGKILL in the middle of a callback; what is left is nothing, or all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from flask_social.sandbox import Hang
from tests.bed import Browser
from tests.hostile.databases import KINDS
from tests.hostile.workers import Workers

U1 = "one@example.org"
ADA, GRACE, ALAN, BARBARA = (
    f"{person}@example.com" for person in ("ada", "grace", "alan", "barbara")
)
BEFORE_SPENDING = "before INSERT INTO spent_flow"
INSERTED = "after INSERT INTO connection"
BEFORE_THE_COMMIT = "after RELEASE SAVEPOINT"
BEFORE_THE_ANSWER = "answering /{}/acme?..."


def die_at(workers: Workers, place: str, browser: Browser, url: str) -> None:
    """The worker that *browser* is connected to dies at *place*, on the way to answer *url*."""
    victim = worker_of(browser)
    if place in ("token", "userinfo"):  # while it waits for that answer of the provider's
        hang = workers.bed.sandbox["acme"].fail(place, Hang(times=1))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(browser.get, url)
            assert hang.entered.wait(60)
            workers.kill(victim)
            with pytest.raises(requests.ConnectionError):
                waiting.result()
        hang.release()
    else:
        workers.kill_at(place)
        with pytest.raises(requests.ConnectionError):
            browser.get(url)
    assert workers.replaced(victim) != victim
    workers.database.require_quiet()


def worker_of(browser: Browser) -> int:
    return int(browser.get("/home").headers["X-Worker"])


def on_the_way_back(
    workers: Workers, path: str, browser: Browser | None = None
) -> tuple[Browser, str]:
    """A browser that has an answer of the provider's, and the address to take it to."""
    browser = browser or workers.browser(workers.alive[0])
    return browser, browser.at_provider(browser.set_out(path))


@pytest.mark.parametrize("kind", KINDS)
def test_F51_killed_before_the_state_is_spent(kind: str, serve_on: Callable[..., Workers]) -> None:
    workers = serve_on(kind, newcomers=True)
    browser, url = on_the_way_back(workers, "/login/acme")

    die_at(workers, BEFORE_SPENDING, browser, url)

    assert (workers.bed.users(), workers.bed.rows(), workers.spent()) == ([], [], 0)
    assert workers.calls("acme") == 0
    assert browser.get(url).headers["Location"] == "/home"
    assert browser.who() == ADA
    assert [account[:2] for account in workers.bed.accounts()] == [(ADA, "acme")]
    assert (workers.bed.users(), workers.spent()) == ([ADA], 1)


@pytest.mark.parametrize("kind", [*KINDS, "redis"])
def test_F51_killed_after_the_state_is_spent_and_before_the_commit(
    kind: str, serve_on: Callable[..., Workers]
) -> None:
    workers = serve_on(kind, newcomers=True)
    places = {"token": ADA, "userinfo": GRACE, INSERTED: ALAN, BEFORE_THE_COMMIT: BARBARA}
    for turn, (place, email) in enumerate(places.items()):
        workers.bed.sandbox.login_as(email.partition("@")[0])
        browser, url = on_the_way_back(workers, "/login/acme")
        users, accounts = workers.bed.users(), workers.bed.accounts()

        die_at(workers, place, browser, url)

        assert (workers.bed.users(), workers.bed.accounts()) == (users, accounts), "nothing"
        again = browser.get(url)
        assert (again.status_code, "already used" in again.text) == (400, True)
        assert "Start again" in again.text
        assert browser.who() is None
        assert browser.trip("/login/acme").headers["Location"] == "/home"
        assert browser.who() == email
        assert workers.bed.users() == [*users, email]
        assert [account[:2] for account in workers.bed.accounts()[turn:]] == [(email, "acme")]
        assert workers.redis or workers.spent() == 2 * (turn + 1)
    assert len(workers.told("connection_created")) == len(places)
    assert {told["reason"] for told in workers.told("flow_rejected")} == {"used"}


@pytest.mark.parametrize("kind", KINDS)
def test_F51_killed_after_the_commit_and_before_the_answer(
    kind: str, serve_on: Callable[..., Workers]
) -> None:
    workers = serve_on(kind, newcomers=True)
    browser, url = on_the_way_back(workers, "/login/acme")

    die_at(workers, BEFORE_THE_ANSWER.format("login"), browser, url)

    [row] = workers.bed.rows()
    assert (row.provider_id, row.email, row.version) == ("acme", ADA, 1)
    assert row.access_token
    assert [account[0] for account in workers.bed.accounts()] == workers.bed.users() == [ADA]
    again = browser.get(url)
    assert (again.status_code, "already used" in again.text) == (400, True)
    assert browser.who() is None
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert browser.who() == ADA
    assert workers.bed.users() == [ADA]
    assert [each.version for each in workers.bed.rows()] == [2], "the same row, renewed"


@pytest.mark.parametrize("kind", KINDS)
def test_F51_killed_while_a_user_connects(kind: str, serve_on: Callable[..., Workers]) -> None:
    workers = serve_on(kind)
    workers.bed.add_user(U1)
    browser, url = on_the_way_back(
        workers, "/connect/acme", workers.browser(workers.alive[0]).sign_in(U1)
    )
    die_at(workers, BEFORE_THE_COMMIT, browser, url)
    assert workers.bed.rows() == []
    assert browser.get(url).headers["Location"] == "/connections", "who is signed in goes home"
    assert workers.bed.rows() == []

    browser, url = on_the_way_back(workers, "/connect/acme", browser)
    die_at(workers, BEFORE_THE_ANSWER.format("connect"), browser, url)
    assert [account[:2] for account in workers.bed.accounts()] == [(U1, "acme")]
    assert browser.get(url).headers["Location"] == "/connections"
    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    assert "already connected to yours" in browser.get("/connections").text
    assert [row.version for row in workers.bed.rows()] == [2]
    assert browser.who() == U1
