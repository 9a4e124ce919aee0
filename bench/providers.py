"""What it costs to configure every stock provider instead of one: time to start, and memory.

::

    make bench
    .venv/bin/python bench/providers.py --rounds 3

Every start is a process of its own, the two kinds by turns. The time is a ratio, since the
milliseconds are those of this machine; it has to stay below 1.5, and the memory of a provider
below 20 KiB, whether or not it has been used.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 15
RATIO, KIB = 1.5, 20
"""What must not be exceeded."""

Keys = Mapping[str, Mapping[str, Any]]
"""``SOCIAL_<NAME>`` keys."""


def application(keys: Keys) -> tuple[float, Any]:
    """The seconds that ``init_app`` takes with *keys*, and what it returns."""
    from flask import Flask
    from flask_security import Security, SQLAlchemyUserDatastore
    from flask_security.models import fsqla_v3
    from flask_security.models.fsqla import FsModels
    from flask_sqlalchemy import SQLAlchemy

    from flask_social import Social, SQLAlchemyConnectionDatastore
    from flask_social.models.sqla_v1 import ConnectionMixin

    db = SQLAlchemy()
    app = Flask("bench")
    app.testing = True
    app.config.update(
        SECRET_KEY="bench", SECURITY_PASSWORD_SALT="bench", SQLALCHEMY_DATABASE_URI="sqlite://"
    )
    app.config.update(keys)
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
    began = time.perf_counter()
    made = Social().init_app(app, store)
    return time.perf_counter() - began, made


def start(keys: Keys) -> dict[str, float]:
    """How long ``init_app`` takes in this process, where nothing was imported for it yet."""
    seconds, _ = application(keys)
    return {"init_app": seconds}


def remember(keys: Keys) -> dict[str, float]:
    """KiB of memory that the providers take, before and after each was used.

    The protocols and the libraries behind them are loaded first: they are there once.
    """
    from flask_social import protocols

    application({})
    for each in pkgutil.iter_modules(protocols.__path__):
        importlib.import_module(f"{protocols.__name__}.{each.name}")
    tracemalloc.start()
    _, made = application(keys)
    before, _ = tracemalloc.get_traced_memory()
    for remote in made.providers.values():
        assert remote.provider.id == remote.id  # noqa: S101
        assert remote.mark  # noqa: S101
    after, _ = tracemalloc.get_traced_memory()
    return {"before": before / 1024, "after": after / 1024}


def child(task: str, keys: Keys) -> dict[str, float]:
    """What *task* finds in a process of its own, and how long that lived."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, __file__, "--task", task],
        input=json.dumps(keys),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return {"process": time.perf_counter() - began, **json.loads(done.stdout)}


def every_provider() -> dict[str, dict[str, Any]]:
    """The keys of all stock providers, each with a client of its own."""
    sys.path.insert(0, str(ROOT))  # the tests know what each cannot do without
    from flask_social import providers
    from tests.providers.golden import settings

    return {
        f"SOCIAL_{each.upper()}": {**settings(each), "consumer_key": f"key-at-{each}"}
        for each in providers.names()
    }


def main() -> None:
    """Print the figures; end with status 1 where one is beyond what it may be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--task", choices=("start", "remember"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        task = {"start": start, "remember": remember}[given.task]
        say(json.dumps(task(json.load(sys.stdin))))
        return
    kept = True
    every = every_provider()
    one = {key: every[key] for key in ("SOCIAL_GITHUB",)}
    took = [(child("start", one), child("start", every)) for _ in range(given.rounds)]
    for name in ("init_app", "process"):
        few, many = (statistics.median(pair[side][name] for pair in took) for side in (0, 1))
        kept &= many / few <= RATIO
        say(
            f"{name:10} with 1 {few * 1e3:7.1f} ms, with {len(every)} {many * 1e3:7.1f} ms",
            many / few,
        )
    few_kib, many_kib = child("remember", one), child("remember", every)
    for name in ("before", "after"):
        each = (many_kib[name] - few_kib[name]) / (len(every) - len(one))
        kept &= each < KIB
        say(f"memory of a provider {name} its first use: {each:.1f} KiB")
    sys.exit(0 if kept else 1)


def say(line: str, ratio: float | None = None) -> None:
    """Print *line* at once."""
    sys.stdout.write(line + (f"  x{ratio:.2f}" if ratio else "") + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
