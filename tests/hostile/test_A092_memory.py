"""A092: what a bomb costs a worker, by the kernel's count."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from flask_social.sandbox import Fault, Gzip, Size, Status
from flask_social.testing import ServedSandbox
from tests.bed import Browser
from tests.hostile.databases import Database
from tests.hostile.workers import Workers, served_by

U1 = "one@example.org"
MEGABYTE = 1_048_576
JSON = {"Content-Type": "application/json"}
BOMBS: list[Fault] = [
    Size(100 * MEGABYTE),
    Size(10**10),
    Gzip(10**10),
    Status(200, "[" * 100_000, JSON),
    Status(200, json.dumps(dict.fromkeys(map(str, range(80_000)), 1)), JSON),
    Status(200, json.dumps(dict.fromkeys(map(str, range(1_000_000)), 1)), JSON),
    Status(200, '{"a": "' + "x" * 10 * MEGABYTE, JSON),
    Status(200, "a=1&" * 200_000, JSON),
]


def peak(worker: int) -> int:
    """The most memory that *worker* ever had, in bytes."""
    status = Path(f"/proc/{worker}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def test_A092_no_worker_grows_by_a_bomb(
    serve: Callable[..., Workers],
    open_database: Callable[[str], Database],
    box: ServedSandbox,
) -> None:
    workers = serve(open_database("sqlite"))
    workers.bed.add_user(U1)
    workers.allows = {502}
    [worker, _] = workers.alive
    browser = workers.browser(worker)
    browser.sign_in(U1)
    for provider_id in ("acme", "plain"):
        assert served_by(browser.trip(f"/connect/{provider_id}")) == worker
    browser.sign_out()
    before = peak(worker)

    for bomb in BOMBS:
        for provider_id, endpoint in (("plain", "token"), ("plain", "api"), ("acme", "token")):
            fails(browser, box, provider_id, endpoint, bomb)

    grown = peak(worker) - before
    assert grown < 20 * MEGABYTE, f"{grown / MEGABYTE:.1f} MiB"
    assert served_by(browser.trip("/login/plain")) == worker
    assert browser.who() == U1


def fails(
    browser: Browser, box: ServedSandbox, provider_id: str, endpoint: str, bomb: Fault
) -> None:
    box[provider_id].fail(endpoint, bomb)
    answer = browser.trip(f"/login/{provider_id}")
    assert (answer.status_code, "did not answer as expected" in answer.text) == (502, True)
    box[provider_id].clear()
