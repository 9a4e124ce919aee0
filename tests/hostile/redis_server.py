"""A Redis server for the tests: the one named, else one of our own that ends with them.

In order: ``SOCIAL_TEST_REDIS_URL``; Debian's ``redis-server``, which listens on a Unix socket in a
private folder and on no port.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.hostile.waiting import until

SERVER = shutil.which("redis-server")


@contextmanager
def server() -> Iterator[str]:
    """The URL of a Redis server, for as long as the block lasts.

    :raises RuntimeError: when there is neither a URL nor a Redis to start.
    """
    named = os.environ.get("SOCIAL_TEST_REDIS_URL")
    if named:
        yield named
        return
    if SERVER is None:
        raise RuntimeError(
            "Redis is missing: set SOCIAL_TEST_REDIS_URL, or apt-get install redis-server."
        )
    folder = Path(tempfile.mkdtemp(prefix="social-redis-"))
    try:
        with started(folder) as socket:
            yield f"unix://{socket}"
    finally:
        shutil.rmtree(folder)


@contextmanager
def started(folder: Path) -> Iterator[Path]:
    """The socket that a new server listens on."""
    socket, log = folder / "socket", folder / "log"
    options = ("--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(SERVER), *options, "--dir", str(folder)], stdout=output, stderr=output
        )
    try:
        until(lambda: _answers(socket, process, log))
        yield socket
    finally:
        process.kill()  # what it holds is thrown away
        process.wait()


def _answers(socket: Path, process: subprocess.Popen[bytes], log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(log.read_text())
    try:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False
