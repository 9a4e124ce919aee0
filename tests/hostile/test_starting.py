"""How gunicorn starts and ends: whoever dies, nothing stays behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from flask_social.testing import ServedSandbox
from tests.hostile.databases import Database
from tests.hostile.gunicorn import serving, started
from tests.hostile.starting import ROOT
from tests.hostile.waiting import PATIENCE, until

PROGRAM = """
import sys
from pathlib import Path
from flask_social.testing import sandbox
from tests.hostile.databases import Database
from tests.hostile.gunicorn import serving

folder = Path(sys.argv[1])
database = Database("sqlite", f"sqlite:///{folder}/app.sqlite")
with sandbox() as box, serving(box, database, folder / "notes") as workers:
    print(workers.process.pid, *workers.alive, flush=True)
    sys.stdin.read()
"""


def test_a_process_that_is_killed_takes_what_it_started_with_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout
        gunicorn, *workers = map(int, process.stdout.readline().split())
        forking = parent(gunicorn)
        try:
            assert parent(forking) == process.pid
            assert [parent(worker) for worker in workers] == [gunicorn, gunicorn]
        finally:
            process.kill()

    until(lambda: not any(map(runs, (forking, gunicorn, *workers))))


def test_when_a_test_fails_gunicorn_and_its_workers_are_killed(
    box: ServedSandbox, tmp_path: Path
) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/app.sqlite")
    with (
        pytest.raises(RuntimeError, match="of a test"),
        serving(box, database, tmp_path / "notes") as workers,
    ):
        raise RuntimeError("of a test")

    assert workers.process.returncode == -signal.SIGKILL
    until(lambda: not any(map(runs, workers.alive)))


def test_the_exit_status_of_gunicorn_is_seen_and_its_complaint(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        started(["--no-such-option"], {}, listener.fileno(), log) as (process, _),
    ):
        assert process.wait(PATIENCE) == 2
    assert "unrecognized arguments: --no-such-option" in log.read_text()


def parent(process: int) -> int:
    return int(stat(process)[1])


def runs(process: int) -> bool:
    """Whether there is such a process; one that nobody has waited for yet has ended too."""
    try:
        return stat(process)[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def stat(process: int) -> list[str]:
    """What the system knows of a process, from its state on."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
