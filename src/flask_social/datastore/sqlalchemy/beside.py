"""Where a table is written to in transactions beside the application's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from ...errors import StoreUnavailable
from .transaction import has_written


class Beside:
    """The engine of *model*'s table.

    That takes a second connection where the session holds one: call ``release()`` before.

    :param session: gives the session whose database has the table.
    :param what: the table's use, for an error.
    """

    def __init__(self, model: Any, session: Callable[[], Session], what: str) -> None:
        self._model = model
        self._session = session
        self._what = what

    def engine(self) -> sa.Engine | None:
        """``None`` where every user of it shares one connection: a database in memory."""
        writing = sa.update(self._model.__table__)  # a session may send queries to a replica
        mapper = sa.inspect(self._model)
        engine = self._session().get_bind(mapper=mapper, clause=writing).engine
        return None if isinstance(engine.pool, StaticPool | SingletonThreadPool) else engine

    def require_free(self, engine: sa.Engine) -> None:
        """:raises StoreUnavailable: when the application itself holds the database."""
        if engine.dialect.name == "sqlite" and has_written(self._session(), engine):
            raise StoreUnavailable(
                "what the application wrote in this request and did not commit keeps a SQLite file "
                f"locked for everybody, {self._what} included"
            )
