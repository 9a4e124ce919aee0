"""Starts gunicorn quickly: a process of ours has everything imported, and forks for each start."""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from tests.hostile.waiting import PATIENCE

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Forked:
    """A process that is no child of this one, with what :class:`subprocess.Popen` knows of one."""

    pid: int
    told: IO[bytes]
    """Where its exit status comes from."""
    returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, if it has ended; a signal that killed it is below nought."""
        if self.returncode is None and select.select([self.told], [], [], 0)[0]:
            self.returncode = next_number(self.told)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """The exit status.

        :raises subprocess.TimeoutExpired: if it has none after *timeout* seconds.
        """
        if self.returncode is None:
            select.select([self.told], [], [], timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(["gunicorn"], timeout)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


@contextmanager
def forked(
    arguments: list[str], environment: dict[str, str], output: int, listener: int, ready: int
) -> Iterator[Forked]:
    """gunicorn, as :class:`.forking.Start` has it."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as told:
        request = json.dumps([arguments, environment]).encode()
        socket.send_fds(forking_process(), [request], [output, writing, listener, ready])
        os.close(writing)
        assert select.select([told], [], [], PATIENCE)[0], "nothing was started"
        yield Forked(next_number(told), told)


def next_number(told: IO[bytes]) -> int:
    """What the forking process writes next."""
    line = told.readline()
    assert line, "the process that forks has died"
    return int(line)


@cache
def forking_process() -> socket.socket:
    """Where to send requests: to a process that ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.forking"], cwd=ROOT, stdin=theirs.fileno()
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
