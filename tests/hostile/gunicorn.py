"""Starts the application under gunicorn, and ends it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.bed import UNSERVED, end, make_app, usual_config
from tests.hostile.databases import Database
from tests.hostile.forking import end_with_children
from tests.hostile.starting import ROOT, Forked, forked
from tests.hostile.waiting import PATIENCE
from tests.hostile.workers import Workers

APPLICATION = "tests.hostile.application:create()"
CONFIG = {"SOCIAL_ALLOW_INSECURE_PROVIDERS": True, "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 4}}
COUNT = 2
GUNICORN_CONF = "tests/hostile/gunicorn_conf.py"


@contextmanager
def serving(
    box: Any,
    database: Database,
    folder: Path,
    *,
    newcomers: bool = False,
    redis: str | None = None,
    preload: bool = True,
    **config: Any,
) -> Iterator[Workers]:
    """The application on *database*, its notes in *folder*.

    :param newcomers: whether somebody unknown who logs in becomes a user.
    :param redis: the URL of a server to keep the ledger in, in place of the database.
    :param preload: whether gunicorn makes the application once and forks, which is quicker.
    :param config: further keys of the application's configuration.
    """
    folder.mkdir()
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = {**usual_config(box.url), **CONFIG, "SOCIAL_APP_URL": url, **config}
        config["SOCIAL_ACME"]["userinfo"] = True  # one more call, to stop it at
        bed = make_app(config, database=database.url, testing=False)
        stack.callback(end, bed)
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
        environment = {"SOCIAL_HOSTILE": json.dumps(given)}
        options = ["--preload"] * preload
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
) -> Iterator[tuple[Forked, int]]:
    """gunicorn, and the end of a pipe from which its workers' process ids come."""
    arguments = ["--config", f"{ROOT}/{GUNICORN_CONF}", *options, APPLICATION]
    reading, writing = os.pipe()
    with ExitStack() as stack:
        stack.callback(os.close, reading)
        environment = {**os.environ, **environment}
        with log.open("wb") as output, os.fdopen(writing, "wb") as ready:
            files = output.fileno(), listener, ready.fileno()
            process = stack.enter_context(forked(arguments, environment, *files))
        try:
            yield process, reading
        finally:
            if process.poll() is None:  # the test failed
                end_with_children(process.pid)
                process.wait(PATIENCE)
