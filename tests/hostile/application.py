"""The application that gunicorn serves: the test bed's, which notes in files what it does.

``SOCIAL_HOSTILE`` in the environment is JSON: see :class:`.workers.Given`.
"""

from __future__ import annotations

import atexit
import json
import os
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis
import sqlalchemy as sa

from flask_social import clock
from tests.bed import Bed, close, listening, make_app
from tests.hostile.notes import Note, log_to
from tests.hostile.traps import Traps

FOREVER = ExitStack()
"""Open for as long as the process lives."""
atexit.register(FOREVER.close)


class Watched:
    """A WSGI application whose answers are noted, and who gives them is told in a header."""

    def __init__(self, app: Any, answers: Note, traps: Traps) -> None:
        self.app, self.answers, self.traps = app, answers, traps

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path, worker = environ["PATH_INFO"], os.getpid()

        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            self.traps.reach(f"answering {path}?{'...' * bool(environ['QUERY_STRING'])}")
            self.answers.write(status=int(status[:3]), path=path, worker=worker)
            return start(status, [*headers, ("X-Worker", str(worker))], *rest)

        try:
            return self.app(environ, note)
        except BaseException:
            self.answers.write(status=500, path=path, worker=worker)
            raise


class Told(list[Any]):
    """Stands in for a list of the bed: what is appended is written down, and forgotten."""

    def __init__(self, write: Callable[[Any], None]) -> None:
        super().__init__()
        self.write = write

    def append(self, what: Any) -> None:
        self.write(what)


def create() -> Watched:
    """What each worker serves."""
    given = json.loads(os.environ["SOCIAL_HOSTILE"])
    folder = Path(given["folder"])
    FOREVER.enter_context(clock.replaced(lambda: time.time() + ahead(folder)))
    log_to(folder / "log")
    bed = make_app({**given["config"], **ledger(given)}, database=given["database"], testing=False)
    close(bed)  # gunicorn forks: no connection may be open then
    traps = Traps(folder / "trap", given["sandbox"])
    take_notes(bed, folder, traps)
    add_hooks(bed, traps)
    if given["newcomers"]:
        bed.social.newcomer_handler(lambda grant: sign_up(bed, grant))
    return Watched(bed.app, Note(folder / "answers"), traps)


def ahead(folder: Path) -> int:
    """How many seconds the test has put the clock ahead."""
    try:
        return int((folder / "ahead").read_text())
    except FileNotFoundError:
        return 0


def ledger(given: dict[str, Any]) -> dict[str, Any]:
    """The setting for the ledger on Redis, where the test asks for it."""
    if not given["redis"]:
        return {}
    from flask_social.flows.ledger import RedisLedger

    client = redis.Redis.from_url(given["redis"])
    return {"SOCIAL_LEDGER": RedisLedger(client, prefix=given["redis_prefix"])}


def take_notes(bed: Bed, folder: Path, traps: Traps) -> None:
    """Write down signals and exceptions; send each statement by the traps."""
    signals, raised = Note(folder / "signals"), Note(folder / "raised")

    def tell(told: tuple[str, dict[str, Any]]) -> None:
        name, arguments = told
        kept = ("account", "email", "reason", "provider_id", "provider_user_id")
        signals.write(
            name=name,
            worker=os.getpid(),
            **{each: arguments[each] for each in kept if each in arguments},
        )

    bed.told = Told(tell)
    bed.raised = Told(lambda error: raised.write(error=type(error).__name__))
    bed.statements = Told(lambda statement: None)
    FOREVER.enter_context(listening(bed))


def add_hooks(bed: Bed, traps: Traps) -> None:
    """Places where a test can kill the process or let two meet; a view that calls an API."""
    with bed.app.app_context():
        engine = bed.db.engine

    @sa.event.listens_for(engine, "before_cursor_execute")
    def before(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        traps.reach(f"before {statement}")

    @sa.event.listens_for(engine, "after_cursor_execute")
    def after(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        traps.reach(f"after {statement}")

    @bed.app.get("/at-plain")
    def at_plain() -> dict[str, Any]:
        api = bed.social.plain.get_api()
        return {"name": api.get("me").json()["name"] if api else None}


def sign_up(bed: Bed, grant: Any) -> Any:
    """A user for somebody whom nobody knows."""
    security = bed.app.extensions["security"]
    email = grant.identity.email
    if bed.app.config.get("TEST_ADDRESSES_DIFFER"):
        email = f"{os.getpid()}.{email}"
    return security.datastore.create_user(email=email, confirmed_at=security.datetime_factory())
