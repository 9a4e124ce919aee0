"""What finding a connection and its API costs, with few connections in the table and with many.

::

    make bench                                    # 10^3, 10^5 and 10^6, on SQLite and PostgreSQL
    .venv/bin/python bench/connections.py 1000 10000 --on sqlite

Every line is a ratio to the first size on the same database, since the microseconds are those of
this machine. Beside it, what sealing a token costs, as a share of one ``get_connection()``.
"""

from __future__ import annotations

import argparse
import base64
import gc
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.models import fsqla_v3
from flask_security.models.fsqla import FsModels
from flask_sqlalchemy import SQLAlchemy

from flask_social import Social, SQLAlchemyConnectionDatastore
from flask_social.datastore.sealing import TokenSealing
from flask_social.models.sqla_v1 import ConnectionMixin

ROOT = Path(__file__).resolve().parent.parent
BATCH = 10_000
"""Rows that one statement writes."""
KEY = "bench:" + base64.b64encode(bytes(range(32))).decode()
ROUNDS, CALLS = 9, 200
"""The time of a call is the median of the rounds, each of so many calls."""
TOKENS = {"64 B": 64, "2 KiB": 2048, "60 kB": 60_000}


@dataclass(frozen=True)
class Bench:
    """An application with a full table."""

    app: Flask
    social: Social
    User: Any
    size: int

    def users(self) -> Iterator[Any]:
        """Any user, loaded as a request would, again and again; the same ones in every run."""
        chosen = random.Random(self.size)  # noqa: S311 - which rows are read is no secret
        while True:
            key = chosen.randint(1, self.size)
            yield self.app.extensions["sqlalchemy"].session.get(self.User, key)


@contextmanager
def filled(url: str, size: int) -> Iterator[Bench]:
    """*size* users with one connection each, their tokens sealed."""
    db = SQLAlchemy()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="bench",
        SECURITY_PASSWORD_SALT="bench",
        SQLALCHEMY_DATABASE_URI=url,
        TESTING=True,
        SOCIAL_TOKEN_KEYS=[KEY],
        SOCIAL_ACME={
            "consumer_key": "key",
            "consumer_secret": "secret",
            "authorize_url": "https://acme.example/authorize",
            "token_url": "https://acme.example/token",
            "api_url": "https://api.acme.example/",
            "identity": {"subject": "id"},
        },
    )
    db.init_app(app)
    FsModels.set_db_info(db)

    class Role(db.Model, fsqla_v3.FsRoleMixin):  # type: ignore[name-defined]
        pass

    class User(db.Model, fsqla_v3.FsUserMixin):  # type: ignore[name-defined]
        pass

    class Connection(db.Model, ConnectionMixin):  # type: ignore[name-defined]
        pass

    Security(app, SQLAlchemyUserDatastore(db, User, Role))
    store = SQLAlchemyConnectionDatastore(db, Connection)
    social = Social(app, store)
    with app.app_context():
        db.create_all()
        fill(db, User, store, size)
        try:
            yield Bench(app, social, User, size)
        finally:
            db.session.remove()
            db.drop_all()
            db.engine.dispose()


def fill(db: SQLAlchemy, user_model: Any, store: Any, size: int) -> None:
    """Write the rows past the ORM, as fast as the database takes them."""
    with db.engine.begin() as connection:
        for first in range(1, size + 1, BATCH):
            keys = range(first, min(first + BATCH, size + 1))
            connection.execute(sa.insert(user_model), [user(key) for key in keys])
            connection.execute(sa.insert(store.connection_model), [row(store, key) for key in keys])
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")


def user(key: int) -> dict[str, Any]:
    """Somebody."""
    return {"id": key, "email": f"{key}@example.org", "active": True, "fs_uniquifier": f"{key:064}"}


def row(store: Any, key: int) -> dict[str, Any]:
    """Their connection."""
    account = {"provider_id": "acme", "provider_user_id": str(key)}
    token = store.sealing.write(account, "access_token", f"token-of-{key}".ljust(64, "."))
    return {"id": key, "user_id": key, **account, "access_token": token, "rank": 1}


def microseconds(
    work: Callable[[Any], Any], users: Iterator[Any], session: Any, rounds: int
) -> float:
    """One call of *work* with a user who is loaded already."""
    took = []
    for _ in range(rounds):
        session.expunge_all()
        given = [next(users) for _ in range(CALLS)]
        gc.collect()
        began = time.perf_counter()
        for each in given:
            work(each)
        took.append((time.perf_counter() - began) / CALLS * 1e6)
    return statistics.median(took)


def measure(url: str, size: int, rounds: int) -> dict[str, float]:
    """Microseconds of each call."""
    with filled(url, size) as bench:
        session = bench.app.extensions["sqlalchemy"].session
        calls = {
            "get_connection()": bench.social.acme.get_connection,
            "get_api()": bench.social.acme.get_api,
        }
        assert all(call(next(bench.users())) is not None for call in calls.values())  # noqa: S101
        return {
            name: microseconds(call, bench.users(), session, rounds) for name, call in calls.items()
        }


def sealing() -> dict[str, float]:
    """Microseconds to seal a token and to open it."""
    box = TokenSealing(lambda: "connection")
    box.use([KEY])
    account = {"provider_id": "acme", "provider_user_id": "7"}
    found = {}
    for name, length in TOKENS.items():
        token = "x" * length
        stored = box.write(account, "access_token", token)
        found[f"seal {name}"] = timed(partial(box.write, account, "access_token", token))
        found[f"open {name}"] = timed(partial(box.read, account, "access_token", stored))
    return found


def timed(work: Callable[[], Any]) -> float:
    """Microseconds of one call."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CALLS):
            work()
        rounds.append((time.perf_counter() - began) / CALLS * 1e6)
    return statistics.median(rounds)


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of a database for this run alone."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.db"
        return
    sys.path.insert(0, str(ROOT))  # the tests know how to start a server
    from tests.postgres import server

    with server() as url:
        yield url


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--on", choices=("sqlite", "postgresql"), nargs="+")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    one = 0.0
    for kind in given.on or ("sqlite", "postgresql"):
        first: dict[str, float] = {}
        with ExitStack() as stack:
            url = stack.enter_context(database(kind))
            for size in given.sizes:
                found = measure(url, size, given.rounds)
                first = first or found
                one = one or found["get_connection()"]
                for name, took in found.items():
                    ratio = took / first[name]
                    say(f"{kind:10} {size:>9,} {name:17} {took:8.0f} us  x{ratio:.2f}")
    for name, took in sealing().items():
        say(f"{name:38} {took:8.1f} us  {took / one:.1%} of a get_connection()")


def say(line: str) -> None:
    """Print *line* at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
