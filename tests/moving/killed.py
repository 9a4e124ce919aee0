"""A process that imports an old table, and is killed at a given moment of it."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_social.moving.command import import_command
from tests.bed import make_app
from tests.moving.old import PROVIDERS

MOMENTS = {
    "before the first commit": ("before_commit", 1),
    "after the first commit": ("after_commit", 1),
    "before the second commit": ("before_commit", 2),
}


def main(database: str, moment: str) -> None:
    bed = make_app(PROVIDERS, database=database)
    event, number = MOMENTS[moment]
    seen = 0

    def die(session: Any) -> None:
        nonlocal seen
        if session.in_nested_transaction():
            return  # a savepoint, which ends with what it is part of
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(Session, event, die)
    words = ["--from", "flask-social-1.6", "--table", "old_connection", "--write", "--yes"]
    done = bed.app.test_cli_runner().invoke(import_command, [*words, "--batch", "10"])
    raise SystemExit(f"it was not killed: {done.output} {done.exc_info}")


if __name__ == "__main__":
    main(*sys.argv[1:])
