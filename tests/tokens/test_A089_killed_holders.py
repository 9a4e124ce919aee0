"""A89 and F65: the process that holds the lease of a refresh dies by SIGKILL, at three points."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from flask_social.sandbox.faults import Barrier, Kill
from tests.bed import PATIENT, Browser
from tests.hostile.databases import KINDS
from tests.hostile.traps import meet
from tests.hostile.workers import Workers

U1 = "one@example.org"
READS = "before SELECT connection."
LEASE = PATIENT["SOCIAL_REQUEST_TIMEOUT"] + 5
"""Seconds."""
on_each = pytest.mark.parametrize("kind", KINDS)


def connected(kind: str, serve_on: Callable[..., Workers]) -> tuple[Workers, Browser, Browser]:
    """Two workers, and U1's browser at each; the token of U1's connection is out of date."""
    workers = serve_on(kind)
    workers.bed.add_user(U1)
    one = workers.browser(workers.alive[0]).sign_in(U1)
    assert one.trip("/connect/plain").headers["Location"] == "/connections"
    change(workers, expires_at=1)
    workers.bed.sandbox.reset_counters()
    return workers, one, workers.twin(one, workers.alive[1])


def change(workers: Workers, **columns: Any) -> None:
    with workers.bed.app.app_context():
        workers.bed.db.session.execute(sa.update(workers.bed.Connection).values(**columns))
        workers.bed.db.session.commit()


def die(workers: Workers, browser: Browser, endpoint: str, *, late: bool) -> None:
    """The first worker dies while it waits for *endpoint*; with *late*, of which it took effect."""
    victim = workers.alive[0]
    workers.bed.sandbox["plain"].fail(endpoint, Kill(pid=victim, late=late, times=1))
    with pytest.raises(requests.ConnectionError):
        browser.get("/at-plain")
    workers.replaced(victim)
    workers.database.require_quiet()


def asked_while_the_lease_lasts(workers: Workers, browser: Browser) -> requests.Response:
    """The answer to one who comes within the lease, which is only looked at meanwhile."""
    asked = workers.calls("plain")
    workers.meet_at(READS)
    with ThreadPoolExecutor(1) as pool:
        answer: Future[requests.Response] = pool.submit(browser.get, "/at-plain")
        for _ in range(4):  # get_connection(), and three looks
            workers.bed.sandbox["op-b"].fail("jwks", Barrier(count=2, times=2))
            meet(workers.bed.sandbox.url)
        assert (workers.calls("plain"), answer.done()) == (asked, False)
        workers.disarm()
        workers.bed.sandbox["op-b"].clear()
        workers.advance_clock(LEASE + 1)
        return answer.result()


@on_each
def test_A089_killed_before_the_request_the_next_caller_refreshes_once_the_lease_is_over(
    kind: str, serve_on: Callable[..., Workers]
) -> None:
    workers, browser, other = connected(kind, serve_on)
    [before] = workers.bed.rows()

    die(workers, browser, "token", late=False)

    [held] = workers.bed.rows()
    assert (held.access_token, held.refresh_token) == (before.access_token, before.refresh_token)
    assert held.lease_until is not None
    assert asked_while_the_lease_lasts(workers, other).status_code == 200
    [row] = workers.bed.rows()
    assert {before.access_token, before.refresh_token}.isdisjoint(
        {row.access_token, row.refresh_token}
    )
    assert (row.lease_until, row.needs_reauth) == (None, False)
    assert other.get("/at-plain").json()["name"]
    assert workers.told("connection_broken") == []


@on_each
def test_A089_F065_killed_after_the_answer_the_connection_is_told_as_broken_once(
    kind: str, serve_on: Callable[..., Workers]
) -> None:
    workers, browser, other = connected(kind, serve_on)
    [before] = workers.bed.rows()

    die(workers, browser, "token", late=True)
    answer = asked_while_the_lease_lasts(workers, other)

    assert answer.status_code == 409
    assert "/reconnect/plain" in answer.text
    [row] = workers.bed.rows()
    assert (row.id, row.needs_reauth, row.lease_until) == (before.id, True, None)
    assert row.refresh_token == before.refresh_token, "nothing is half-written"
    asked = workers.calls("plain")
    assert asked == 2
    assert [told["reason"] for told in workers.told("connection_broken")] == ["invalid_grant"]
    for _ in range(3):  # no loop: whoever comes later is told from the row
        assert other.get("/at-plain").status_code == 409
    assert workers.calls("plain") == asked
    assert len(workers.told("connection_broken")) == 1
    assert other.who() == U1, "nobody is signed out"

    assert other.trip("/connect/plain").headers["Location"] == "/connections"
    assert other.get("/at-plain").status_code == 200, "consent mends it"
    assert [row.needs_reauth for row in workers.bed.rows()] == [False]


@on_each
def test_A089_killed_after_the_commit_the_next_caller_has_the_new_pair_at_once(
    kind: str, serve_on: Callable[..., Workers]
) -> None:
    workers, browser, other = connected(kind, serve_on)
    [before] = workers.bed.rows()

    die(workers, browser, "api", late=False)

    [row] = workers.bed.rows()
    assert row.refresh_token not in (None, before.refresh_token)
    assert (row.lease_until, row.needs_reauth) == (None, False)
    answer = other.get("/at-plain")
    assert (answer.status_code, workers.calls("plain")) == (200, 1)
