"""The application of the askers with MongoEngine for its users and its connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from mongoengine import connect
from mongoengine.connection import disconnect

from tests import mongobed
from tests.mongobed import MongoBed

ALIAS = "askers"
NOBODY = SimpleNamespace(url="http://localhost:9/")
"""In place of a sandbox: the provider is another one here."""


@contextmanager
def served_by(uri: str, name: str, config: dict[str, Any]) -> Iterator[MongoBed]:
    """An application on the database *name* of the server at *uri*."""
    connect(name, host=uri, alias=ALIAS, uuidRepresentation="standard", tz_aware=True)
    try:
        yield mongobed._application(NOBODY, ALIAS, config)  # type: ignore[arg-type]
    finally:
        disconnect(ALIAS)


@contextmanager
def application(given: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The application, and a function that finds the user in it."""
    from tests.tokens.askers import EMAIL

    with served_by(given["database"], given["name"], given["config"]) as bed:
        yield bed.app, lambda: bed.User.objects.get(email=EMAIL)
