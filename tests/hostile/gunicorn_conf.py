"""How the tests run gunicorn. The rest is on the command line."""

from __future__ import annotations

import gc
import os
from typing import Any

accesslog = None  # an operator's access log holds codes; see the page on security
control_socket_disable = True
graceful_timeout = 60
keepalive = 600  # a browser stays with the worker that first answered it
loglevel = "debug"
proc_name = "flask-social-hostile"
threads = 4
timeout = 600  # a worker that a test stops is not to be replaced
worker_class = "gthread"
workers = 2


def when_ready(server: Any) -> None:
    """What is here by now is left alone when a process ends, which is then quick."""
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Tell the test, which reads the other end of the pipe, that a worker is there.

    An idle worker looks once a second whether it is to end: here it looks sooner.
    """
    look = worker.wait_for_and_dispatch_events
    worker.wait_for_and_dispatch_events = lambda timeout: look(min(timeout, 0.05))
    gc.freeze()
    os.write(int(os.environ["SOCIAL_HOSTILE_READY"]), f"{worker.pid}\n".encode())
