"""F4 and F16 with many visitors at once: nothing is left behind, and keys are fetched once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.pool import NullPool

from flask_social.sandbox import Hang
from tests.bed import Bed, Browser
from tests.faults.visits import U1, Visits
from tests.faulty import TRIES
from tests.hostile.waiting import until


@pytest.fixture
def make_visits(
    make_bed: Callable[..., Bed], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> Callable[[str], Visits]:
    """A function that gives Ada's visits by a provider, each request with a connection of its own
    to the database."""

    def make(provider_id: str) -> Visits:
        bed = make_bed(
            database=f"sqlite:///{tmp_path}/app.sqlite?timeout=60",
            SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool},
        )
        return Visits(bed, caplog, provider_id)

    return make


def callbacks(visits: Visits, count: int) -> list[tuple[Browser, str]]:
    """Visitors who are about to come back, and where to."""
    browsers = [visits.bed.browser() for _ in range(count)]
    path = f"/login/{visits.provider_id}"
    return [(each, each.at_provider(each.set_out(path))) for each in browsers]


def sockets() -> int:
    """How many this process has open: ends of connections of browser, application and sandbox."""
    links = Path("/proc/self/fd").iterdir()
    return sum(_target(link).startswith("socket:") for link in links)


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:  # closed meanwhile
        return ""


def test_F04_fifty_who_waited_leave_no_thread_and_no_connection(
    make_visits: Callable[[str], Visits],
) -> None:
    visits = make_visits("plain")
    rounds(visits, 10)  # the connections that are kept for those who come next
    threads, opened = threading.active_count(), sockets()

    rounds(visits, 50)

    until(lambda: threading.active_count() <= threads)
    until(lambda: sockets() <= opened)
    visits.mended()


def rounds(visits: Visits, count: int) -> None:
    """*count* visitors wait in vain, ten at a time."""
    for seconds in TRIES:
        visits.provider.fail("token", Hang())
        visits.begin_anew()
        coming = callbacks(visits, count)
        with visits.hasty(seconds), ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda each: each[0].get(each[1]), coming))
        for browser, _ in coming:
            browser.http.close()
        visits.provider.clear()
        assert {answer.status_code for answer in answers} == {504}
        if visits.asked() == count:
            return
    raise AssertionError(f"{visits.asked()} of {count} came to the provider")


def test_F16_of_a_hundred_logins_at_once_one_fetches_the_keys(
    make_visits: Callable[[str], Visits],
) -> None:
    visits = make_visits("acme")
    visits.provider.rotate_keys(withdraw=True)
    coming = callbacks(visits, 100)
    visits.begin_anew()
    hang = Hang()
    visits.provider.fail("jwks", hang)

    with ThreadPoolExecutor(100) as pool:
        answers = [pool.submit(browser.get, url) for browser, url in coming]
        until(lambda: visits.asked() == 100)
        assert hang.entered.wait(60)
        visits.provider.clear()
        assert {answer.result(60).headers.get("Location") for answer in answers} == {"/home"}

    assert visits.asked("jwks") == 1
    assert {browser.who() for browser, _ in coming[:5]} == {U1}
