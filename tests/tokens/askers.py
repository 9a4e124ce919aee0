"""One of several processes whose threads all ask for one connection's API at the same moment.

``python -m tests.tokens.askers`` with JSON in the environment's ``SOCIAL_ASKERS``: the
application's ``config``, its ``database``, how many ``threads``. It writes ``ready`` once all
threads are, waits for a line, and writes what the API answered to each, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from tests.bed import close, make_app

EMAIL = "user@example.org"


@contextmanager
def application(given: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The application, and a function that finds the user in it."""
    if given["database"].startswith("mongodb:"):
        from tests.tokens.on_mongo import application as on_mongo

        with on_mongo(given) as found:
            yield found
        return
    bed = make_app(given["config"], database=given["database"])

    def user() -> Any:
        return bed.app.extensions["security"].datastore.find_user(email=EMAIL)

    try:
        yield bed.app, user
    finally:
        close(bed)


def main() -> None:
    """Ask."""
    given = json.loads(os.environ["SOCIAL_ASKERS"])
    threads = given["threads"]
    with application(given) as (app, find_user), ThreadPoolExecutor(threads) as pool:
        together = Barrier(threads + 1)

        def ask() -> Any:
            social = app.extensions["social"]
            with app.app_context():
                connection = social.peer.get_connection(find_user())
                social.datastore.release()  # there are fewer database connections than threads
                together.wait()
                together.wait()
                api = social.peer.get_api(connection=connection)
                return api.get("me").json()["sub"]

        asked = [pool.submit(ask) for _ in range(threads)]
        together.wait()
        say("ready")
        sys.stdin.readline()
        together.wait()
        say(json.dumps([each.result() for each in asked]))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
