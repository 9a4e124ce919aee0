"""Two people, or two browsers of one, at one account at the same time, on two processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from flask_social.sandbox import Barrier
from tests.bed import Browser
from tests.hostile.databases import KINDS, Database
from tests.hostile.together import at_once, ways_back
from tests.hostile.workers import Workers, served_by

U1, U2 = "one@example.org", "two@example.org"
ROUNDS = 3
JSON = {"Accept": "application/json"}


@pytest.fixture(params=[*KINDS, "snapshots"])
def database(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Database:
    """An empty database; also MariaDB as it is from 11.6 on: it refuses what PostgreSQL would."""
    if request.param != "snapshots":
        return open_database(request.param)
    opened = open_database("mariadb")
    strict = {"init_command": "SET innodb_snapshot_isolation = ON"}
    url = make_url(opened.url).update_query_dict(strict)
    return Database("mariadb", url.render_as_string(hide_password=False))


def come_as(workers: Workers, subject: str, email: str) -> None:
    """Whoever comes home from ``acme`` is that."""
    acme = workers.bed.sandbox["acme"]
    acme.set("claims", sub=subject, email=email)
    acme.set("userinfo", sub=subject, email=email)


def test_A066_two_first_logins_of_one_identity(
    serve: Callable[..., Workers], database: Database
) -> None:
    workers = serve(database, newcomers=True)
    first_logins_at_once(workers, workers.bed.sandbox["acme"], "userinfo")


def test_F49_two_first_logins_that_each_make_a_user_of_its_own(
    serve: Callable[..., Workers], database: Database
) -> None:
    """No constraint on users is in the way: only that on connections tells who was first."""
    workers = serve(database, newcomers=True, TEST_ADDRESSES_DIFFER=True)
    if database.kind == "sqlite":  # whose first writer keeps the second from writing a user
        first_logins_at_once(workers, workers.bed.sandbox["acme"], "userinfo")
    else:
        workers.meet_at("before INSERT INTO connection")
        first_logins_at_once(workers, workers.bed.sandbox["op-b"], "jwks")


def first_logins_at_once(workers: Workers, held: Any, endpoint: str) -> None:
    """Newcomers log in twice; each goes on from *endpoint* when the other is there as well."""
    for turn in range(ROUNDS):
        come_as(workers, f"newcomer {turn}", f"newcomer{turn}@example.org")
        browsers = workers.one_each()
        both = ways_back(browsers, "/login/acme")
        barrier = held.fail(endpoint, Barrier(2, times=2))

        answers = at_once(*both)

        assert barrier.arrived == 2
        assert [answer.headers["Location"] for answer in answers] == ["/home", "/home"]
        assert len({served_by(answer) for answer in answers}) == 2
        accounts = workers.bed.accounts()
        assert [account[1:] for account in accounts[turn:]] == [("acme", f"newcomer {turn}")]
        assert workers.bed.users() == [account[0] for account in accounts]
        assert [browser.who() for browser in browsers] == [accounts[turn][0]] * 2
    assert len(workers.told("connection_created")) == ROUNDS
    assert len(workers.told("login_completed")) == 2 * ROUNDS


def test_A067_two_users_connect_one_identity(workers: Workers) -> None:
    for email in (U1, U2):
        workers.bed.add_user(email)
    for turn in range(ROUNDS):
        browsers = both_connect(workers, f"account {turn}")

        [(winner, *_)] = workers.bed.accounts()[turn:]
        for browser, email in zip(browsers, (U1, U2), strict=True):
            said = "is connected." if email == winner else "connected to another account here"
            assert said in browser.get("/connections").text
            assert browser.who() == email
    assert len(workers.told("connection_created")) == ROUNDS
    assert len(workers.told("connection_failed")) == ROUNDS


def test_F50_who_lost_the_race_connects_another_account_at_once(workers: Workers) -> None:
    for email in (U1, U2):
        workers.bed.add_user(email)
    browsers = both_connect(workers, "account")
    [(winner, *_)] = workers.bed.accounts()
    loser, browser = (U2, browsers[1]) if winner == U1 else (U1, browsers[0])

    come_as(workers, "another", "ada@example.com")
    answer = browser.trip("/connect/acme")

    assert answer.headers["Location"] == "/connections"
    assert workers.bed.accounts()[1:] == [(loser, "acme", "another")]


def test_F49_one_user_connects_one_account_in_two_tabs_at_once(workers: Workers) -> None:
    workers.bed.add_user(U1)
    for turn in range(ROUNDS):
        browsers = both_connect(workers, f"account {turn}", (U1, U1))

        assert workers.bed.accounts()[turn:] == [(U1, "acme", f"account {turn}")]
        pages = [browser.get("/connections").text for browser in browsers]
        assert not any("connected to another account here" in page for page in pages)
        assert sorted("already connected to yours" in page for page in pages) == [False, True]
    assert len(workers.told("connection_created")) == ROUNDS
    assert len(workers.told("connection_updated")) == ROUNDS


def both_connect(
    workers: Workers, subject: str, users: tuple[str, str] = (U1, U2)
) -> list[Browser]:
    """The browsers of *users*, who came home at once, each at a worker, as the same account."""
    come_as(workers, subject, "ada@example.com")
    browsers = workers.one_each()
    for browser, email in zip(browsers, users, strict=True):
        browser.sign_in(email)
    both = ways_back(browsers, "/connect/acme")
    barrier = workers.bed.sandbox["acme"].fail("userinfo", Barrier(2, times=2))
    at_once(*both)
    assert barrier.arrived == 2
    return browsers


def test_A069_the_last_two_ways_in_are_not_removed_at_once(workers: Workers) -> None:
    for turn in range(ROUNDS):
        email, subject = f"user{turn}@example.org", str(turn + 1)
        workers.bed.add_user(email, password=None)
        workers.bed.connect(email, "plain", subject)
        workers.bed.connect(email, "acme", subject)
        workers.bed.sandbox["plain"].set("api", id=turn + 1)
        browsers = workers.one_each()
        for browser in browsers:
            assert browser.trip("/login/plain").headers["Location"] == "/home"
        # Each has read who the visitor is, and has yet to take hold of the connections.
        barrier = workers.bed.sandbox["op-b"].fail("jwks", Barrier(2, times=2))
        workers.meet_at("before UPDATE connection")

        answers = at_once(
            lambda: browsers[0].delete(f"/connect/plain/{subject}", headers=JSON),  # noqa: B023
            lambda: browsers[1].delete(f"/connect/acme/{subject}", headers=JSON),  # noqa: B023
        )

        workers.disarm()
        assert barrier.arrived == 2
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert {answer.json()["response"]["code"] for answer in answers} == {
            "removed",
            "last_way_in",
        }
        assert len(workers.bed.accounts()) == turn + 1
    assert len(workers.told("connection_removed")) == ROUNDS
