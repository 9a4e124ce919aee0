"""2,000 callbacks that go wrong, each in one of eight ways, leave a worker as it was.

Measured is what grows between the 500th and the 2,500th: memory, open files and sockets, threads,
and connections to the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flask_social.sandbox import ProviderScript, Reset, Sandbox, Status, Truncate
from flask_social.testing import sandbox
from tests.bed import Browser, close
from tests.hostile.databases import Database
from tests.hostile.gunicorn import serving
from tests.hostile.waiting import until
from tests.hostile.workers import Workers

WARM_UP, COUNTED = 500, 2000
CLIENTS = 6
THREADS_OF_A_WORKER = 4
KIBIBYTES = 4096
"""Memory that a worker may take meanwhile: two KiB for each callback, that is, none is kept.

What an allocator does with threads is no straight line, so it is more than nothing.
"""
KEPT = 2 * THREADS_OF_A_WORKER
"""Sockets that may be more: a thread that had nothing to do before has a connection to the database
and one to a provider by now, which their pools keep."""
FAULTY = ("broken", "html", "reset", "truncated", "unsigned", "refusing", "stranger")
"""Providers, each of which does one thing wrong (the last is well, but nobody is known)."""


def bend(box: Sandbox) -> None:
    """Let each provider do what it is called."""
    box.login_as("ada")
    box["broken"].fail("token", Status(500, "{}"))
    box["html"].fail("token", Status(200, "<html>busy</html>", {"Content-Type": "text/html"}))
    box["reset"].fail("token", Reset())
    box["truncated"].fail("token", Truncate(20))
    box["unsigned"].sign("RS256", broken=True)
    box["refusing"].deny()


def foreign(browser: Browser, provider_id: str) -> str:
    """The address of a callback whose state no browser has."""
    return f"/login/{provider_id}?code=c&state=foreign"


def tampered(browser: Browser, provider_id: str) -> str:
    """The address of a callback of a flow whose cookie was changed."""
    url = way_back(browser, provider_id)
    for cookie in browser.http.cookies:
        cookie.value = f"{cookie.value}x"
    return url


def way_back(browser: Browser, provider_id: str) -> str:
    """The address of a callback as it should be."""
    return browser.at_provider(browser.set_out(f"/login/{provider_id}"))


TRIPS: list[tuple[Callable[[Browser, str], str], str, int]] = [
    (foreign, "stranger", 400),
    (tampered, "stranger", 400),
    (way_back, "broken", 502),
    (way_back, "html", 502),
    (way_back, "reset", 503),
    (way_back, "truncated", 502),
    (way_back, "unsigned", 502),
    (way_back, "refusing", 303),
    (way_back, "stranger", 303),
]
"""How to come back, from where, and what is answered."""


@dataclass(frozen=True)
class Size:
    """What a worker takes up."""

    memory: int
    """Resident, in KiB."""
    files: int
    threads: int


def size(worker: int) -> Size:
    status = Path(f"/proc/{worker}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in status)
    files = len(list(Path(f"/proc/{worker}/fd").iterdir()))
    return Size(int(fields["VmRSS"].split()[0]), files, int(fields["Threads"]))


def keeps_no_more_files(worker: int, earlier: Size) -> bool:
    return size(worker).files <= earlier.files + KEPT


def fail(workers: Workers, count: int) -> None:
    """*count* callbacks that go wrong, by several browsers at once, each answered as it should."""
    numbers, lock = iter(range(count)), threading.Lock()

    def go_on() -> None:
        browser = workers.browser()
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            come_back, provider_id, status = TRIPS[number % len(TRIPS)]
            answer = browser.get(come_back(browser, provider_id))
            assert answer.status_code == status, (provider_id, answer.text)
            browser.http.cookies.clear()
        browser.http.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        for each in [pool.submit(go_on) for _ in range(CLIENTS)]:
            each.result()


@pytest.fixture
def workers(
    open_database: Callable[[str], Database],
    tmp_path: Path,
) -> Iterator[Workers]:
    database = open_database("postgresql")
    scripts = [ProviderScript(id=each, kind="oidc", name=each) for each in FAULTY]
    with sandbox(scripts) as box:
        bend(box)
        config: dict[str, Any] = {
            f"SOCIAL_{each.upper()}": {
                "consumer_key": f"{each} key",
                "consumer_secret": f"{each} secret",
                "issuer": f"{box.url}{each}",
            }
            for each in FAULTY
        }
        with serving(box, database, tmp_path / "notes", **config) as workers:
            workers.allows = {502, 503}
            yield workers


def test_two_thousand_faulty_callbacks_leave_nothing_behind(workers: Workers) -> None:
    fail(workers, WARM_UP)
    before = {worker: size(worker) for worker in workers.alive}

    fail(workers, COUNTED)

    for worker, earlier in before.items():
        until(partial(keeps_no_more_files, worker, earlier))  # the browsers' connections close
        now = size(worker)
        assert now.memory <= earlier.memory + KIBIBYTES, (earlier, now)
        assert now.threads <= 1 + THREADS_OF_A_WORKER
    close(workers.bed)  # which has a connection of its own
    until(lambda: workers.database.connections() <= 2 * THREADS_OF_A_WORKER)
    assert (workers.bed.users(), workers.bed.rows()) == ([], [])
    assert len(workers.answers()) >= WARM_UP + COUNTED
