"""The application under gunicorn, as a test sees it from outside."""

from __future__ import annotations

import os
import select
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_social.sandbox.shapes import subject_of
from tests.bed import Bed, Browser
from tests.hostile import notes
from tests.hostile.canaries import canaries
from tests.hostile.databases import Database
from tests.hostile.starting import Forked
from tests.hostile.traps import set_trap
from tests.hostile.waiting import PATIENCE, until
from tests.watch import ANSWERS, SECRETS


@dataclass
class Workers:
    """Two processes that serve one application."""

    bed: Bed
    """The same application, unserved, in this process: to read and write the database with."""
    database: Database
    folder: Path
    process: Forked
    redis: str | None
    """The URL of the server that keeps the ledger, if it is not the database."""
    ready: int
    """Each worker writes its process id here once it serves."""
    alive: list[int] = field(default_factory=list)
    browsers: list[Browser] = field(default_factory=list)
    allows: set[int] = field(default_factory=set)
    """Statuses from 500 up that a test provokes at the provider; never 500 itself."""

    # Who answers

    def browser(self, worker: int | None = None) -> Browser:
        """A visitor; of *worker* alone, if one is given, since its connection is kept open."""
        browser = Browser(self.bed)
        self.browsers.append(browser)
        if worker is not None:
            with self.others_stopped(worker):
                assert served_by(browser.get("/home")) == worker
        return browser

    def one_each(self) -> list[Browser]:
        """A visitor of each worker."""
        return [self.browser(worker) for worker in self.alive]

    def twin(self, browser: Browser, worker: int) -> Browser:
        """The same browser, cookies and all, on a connection to *worker*."""
        twin = self.browser(worker)
        twin.http.cookies = browser.http.cookies.copy()
        return twin

    @contextmanager
    def others_stopped(self, worker: int) -> Iterator[None]:
        """None but *worker* runs meanwhile, so that none but it takes a new connection."""
        others = [each for each in self.alive if each != worker]
        for each in others:
            os.kill(each, signal.SIGSTOP)
        try:
            for each in others:
                until(partial(is_stopped, each))
            yield
        finally:
            for each in others:
                os.kill(each, signal.SIGCONT)

    # How they die

    def kill_at(self, place: str) -> None:
        """The next worker that comes to *place* dies there."""
        set_trap(self.folder / "trap", place, "kill")

    def meet_at(self, place: str) -> None:
        """Whoever comes to *place* waits at the sandbox's ``op-b/jwks``."""
        set_trap(self.folder / "trap", place, "meet")

    def disarm(self) -> None:
        (self.folder / "trap").unlink()

    def kill(self, worker: int) -> None:
        os.kill(worker, signal.SIGKILL)

    def replaced(self, worker: int) -> int:
        """The process id of the one that gunicorn started in the place of *worker*."""
        self.alive.remove(worker)
        new = self.next_worker()
        assert new != worker
        return new

    def next_worker(self) -> int:
        line = b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self.ready], [], [], PATIENCE)
            octet = os.read(self.ready, 1) if readable else b""
            assert octet, f"no worker came up:\n{self.log()}"
            line += octet
        self.alive.append(int(line))
        return int(line)

    def advance_clock(self, seconds: int) -> None:
        """Put the workers' clock ahead."""
        ahead = self.folder / "ahead"
        before = int(ahead.read_text()) if ahead.exists() else 0
        ahead.with_suffix(".draft").write_text(str(before + seconds))
        ahead.with_suffix(".draft").rename(ahead)

    # What they did

    def answers(self) -> list[dict[str, Any]]:
        """Every answer: status, path, worker."""
        return notes.read(self.folder / "answers")

    def told(self, name: str) -> list[dict[str, Any]]:
        """The arguments of each signal *name* that was sent."""
        return [each for each in notes.read(self.folder / "signals") if each["name"] == name]

    def log(self) -> str:
        """What any logger wrote, and gunicorn."""
        files = [self.folder / "log", self.folder / "gunicorn", self.folder / "raised"]
        return "\n".join(file.read_text() for file in files if file.exists())

    def subject(self, provider_id: str, person: str) -> str:
        """What *person* is called at a provider."""
        sandbox = self.bed.sandbox
        return str(subject_of(sandbox[provider_id].script, sandbox.people[person]))

    def spent(self) -> int:
        """How many flows the table remembers as spent."""
        count = sa.select(sa.func.count()).select_from(self.bed.SpentFlow)
        with self.bed.app.app_context():
            return int(self.bed.db.session.scalar(count) or 0)

    def calls(self, provider_id: str, endpoint: str = "token") -> int:
        return self.bed.calls(provider_id, endpoint)

    # How it ends

    def stop(self) -> None:
        """Stop in good order, and see that nothing is left and nothing was told."""
        cookies = {cookie.value for each in self.browsers for cookie in each.http.cookies}
        self.database.require_quiet()
        for browser in self.browsers:
            browser.hang_up()  # gunicorn waits for connections that are kept
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.log()
        statuses = Counter(answer["status"] for answer in self.answers())
        ANSWERS.update(statuses)
        assert {each for each in statuses if each >= 500} <= self.allows - {500}, self.log()
        written = "".join(file.read_text() for file in self.folder.iterdir())
        leaked = [each for each in canaries(self.bed.sandbox, cookies) if each in written]
        assert not leaked, leaked
        assert not (secret := SECRETS.search(written)), secret


def served_by(answer: Any) -> int:
    """The worker that gave *answer*."""
    return int(answer.headers["X-Worker"])


def is_stopped(process_id: int) -> bool:
    """Whether a process does nothing, since a signal said so."""
    return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "T"
