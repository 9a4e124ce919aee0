"""Starts the application under gunicorn, and ends it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.bed import UNSERVED, close, make_app, usual_config
from tests.hostile.databases import Database
from tests.hostile.workers import Workers

ROOT = Path(__file__).parent.parent.parent
CONFIG = {"SOCIAL_ALLOW_INSECURE_PROVIDERS": True, "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 4}}
COUNT = 2
GUNICORN_CONF = "tests/hostile/gunicorn_conf.py"


@contextmanager
def serving(
    box: Any,
    database: Database,
    folder: Path,
    *,
    compiled: Path,
    newcomers: bool = False,
    redis: str | None = None,
    preload: bool = True,
    **config: Any,
) -> Iterator[Workers]:
    """The application on *database*, its notes in *folder*.

    :param compiled: where Python keeps what it compiled, from one start to the next.
    :param newcomers: whether somebody unknown who logs in becomes a user.
    :param redis: the URL of a server to keep the ledger in, in place of the database.
    :param preload: whether gunicorn imports the application once and forks, which is quicker.
    :param config: further keys of the application's configuration.
    """
    folder.mkdir()
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = {**usual_config(box.url), **CONFIG, "SOCIAL_APP_URL": url, **config}
        config["SOCIAL_ACME"]["userinfo"] = True  # one more call, to stop it at
        bed = make_app(config, database=database.url, testing=False)
        stack.callback(close, bed)
        UNSERVED.remove(bed)
        bed.sandbox, bed.url = box, url
        given = {
            "config": config,
            "database": database.url,
            "folder": str(folder),
            "newcomers": newcomers,
            "redis": redis,
            "redis_prefix": f"social-test-{uuid4().hex}:",
            "sandbox": box.url,
        }
        environment = {"PYTHONPYCACHEPREFIX": str(compiled), "SOCIAL_HOSTILE": json.dumps(given)}
        options = [*["--preload"] * preload, "--bind", f"fd://{listener.fileno()}"]
        running = started(options, environment, listener.fileno(), folder / "gunicorn")
        process, ready = stack.enter_context(running)
        workers = Workers(bed, database, folder, process, redis, ready)
        for _ in range(COUNT):
            workers.next_worker()
        yield workers
        workers.stop()


@contextmanager
def started(
    options: list[str], environment: dict[str, str], listener: int, log: Path
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """gunicorn, and the end of a pipe from which its workers' process ids come."""
    reading, writing = os.pipe()
    inherited = {**os.environ, "SOCIAL_HOSTILE_READY": str(writing), **environment}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # each start would compile everything
    command = [sys.executable, "-m", "gunicorn", "--config", f"{ROOT}/{GUNICORN_CONF}", *options]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "tests.hostile.application:create()"],
            cwd=ROOT,
            env=inherited,
            pass_fds=(listener, writing),
            stdout=output,
            stderr=output,
        )
    os.close(writing)
    try:
        yield process, reading
    finally:
        if process.poll() is None:  # the test failed
            end_with_children(process)
        os.close(reading)


def end_with_children(process: subprocess.Popen[bytes]) -> None:
    """Kill *process* and those that it started."""
    os.kill(process.pid, signal.SIGSTOP)  # it starts no more
    tree = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    children = [int(child) for child in tree.read_text().split()]
    process.kill()
    process.wait()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
