"""A process that has all that gunicorn and the application need, and forks for each start.

It runs as ``python -m tests.hostile.forking``, started by :mod:`.starting`, whose requests come by
a socket at its standard input. When that closes, however its other end died, this process ends,
and with it everything that it started.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tests import declared

NEEDED = (
    "flask_social.api.authorising",
    "flask_social.protocols.id_token",
    "flask_social.protocols.oidc",
    "gunicorn.app.wsgiapp",
    "gunicorn.glogging",
    "gunicorn.workers.gthread",
    "psycopg",
    "pymysql",
    "sqlalchemy.dialects.mysql.pymysql",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "tests.hostile.application",
)
"""Modules, with whatever they import. None makes an application, a thread or a connection."""
LONGEST = 1 << 20
"""Octets of a request."""


@dataclass(frozen=True)
class Start:
    """A request: how to run gunicorn, and the files that come with it."""

    arguments: list[str]
    environment: dict[str, str]
    output: int
    """Where it writes."""
    told: int
    """Where we write: its process id, and in its time its exit status."""
    listener: int
    ready: int
    """Where its workers write their process ids."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: pytest tells us when it is done
    for module in NEEDED:
        import_module(module)
    declared.prepare()
    threads = len(list(Path("/proc/self/task").iterdir()))
    assert threads == 1, "what another thread locks would stay locked in every new process"
    gc.collect()
    gc.freeze()  # a process that does not look through this again shares it, and ends at once
    if start := serve(socket.socket(fileno=0)):
        become_gunicorn(start)


def serve(requests: socket.socket) -> Start | None:
    """Fork for each request; returns in each new process what that is to run."""
    running: dict[int, tuple[int, int]] = {}
    while True:
        for each in select.select([requests.fileno(), *running], [], [])[0]:
            if each in running:
                report(each, *running.pop(each))
            elif (start := received(requests)) is None:
                for process, _ in running.values():
                    end_with_children(process)
                return None
            elif process := os.fork():
                tell(start.told, process)
                close(start.output, start.listener, start.ready)
                running[os.pidfd_open(process)] = process, start.told
            else:
                close(start.told, *running, *(told for _, told in running.values()))
                requests.detach()
                return start


def received(requests: socket.socket) -> Start | None:
    """The next request; ``None`` when there will be none."""
    request, files, _, _ = socket.recv_fds(requests, LONGEST, 4)
    return Start(*json.loads(request), *files) if request else None


def report(ending: int, process: int, told: int) -> None:
    """Tell how *process* ended: its exit status, or a signal's number below nought."""
    tell(told, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
    close(ending, told)


def tell(told: int, number: int) -> None:
    with suppress(BrokenPipeError):  # nobody wants to know
        os.write(told, f"{number}\n".encode())


def end_with_children(process: int) -> None:
    """Kill *process* and those that it started."""
    os.kill(process, signal.SIGSTOP)  # it starts no more
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    for each in (process, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def become_gunicorn(start: Start) -> None:
    """Do what ``python -m gunicorn`` does."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, usual in ((nothing, 0), (start.output, 1), (start.output, 2)):
        os.dup2(file, usual)
    close(nothing, start.output)
    os.environ.clear()
    os.environ.update(start.environment, SOCIAL_HOSTILE_READY=str(start.ready))
    sys.argv = ["gunicorn", *start.arguments, "--bind", f"fd://{start.listener}"]
    import_module("gunicorn.app.wsgiapp").run(prog="gunicorn")


def close(*files: int) -> None:
    for each in files:
        os.close(each)


if __name__ == "__main__":
    main()
