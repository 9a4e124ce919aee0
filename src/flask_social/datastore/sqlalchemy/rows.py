"""The token of one row, read and swapped in a transaction of its own.

That takes a connection of its own. Where there is but one, a database in memory or a session that
was bound to a connection, the session's transaction serves: what is written is committed only if
nothing of the application's is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from ...errors import ConfigurationError, StoreUnavailable
from ...values import Secret, Unreadable
from ..drivers import wide_enough
from ..sealing import TokenSealing
from ..tokens import TOKENS, StoredToken
from ..trouble import twice
from .charsets import Charsets
from .columns import MYSQL, ModelColumns, converted, kind_of
from .transaction import discreet, has_written, is_idle
from .trouble import FAULTS, trouble

LOCKED = (
    "what the application wrote in this request and did not commit keeps a SQLite file locked for "
    "everybody, the ledger and the refresh of tokens included"
)
PATIENCE = 3
"""Seconds to wait for a lock: who holds it may be the application itself, in this very request."""

T = TypeVar("T")
Work = Callable[[sa.Connection], T]


class TokenRows:
    """The rows of one model as :class:`StoredToken`, on the database of a session."""

    def __init__(
        self,
        columns: ModelColumns,
        sealing: TokenSealing,
        charsets: Charsets,
        session: Callable[[], Session],
    ) -> None:
        self._columns = columns
        self._sealing = sealing
        self._charsets = charsets
        self._session = session

    def read(self, row: Any) -> StoredToken | None:
        """What the row holds by now.

        :param row: a :class:`StoredToken` of it, or a connection.
        """
        self._require_columns()
        if isinstance(row, StoredToken):
            key = row.key
        elif identity := sa.inspect(row).identity:
            key = self._key(identity)
        else:
            return None
        return self._apart(lambda connection: self._one(connection, key))

    def swap(self, token: StoredToken, values: Mapping[str, Any]) -> StoredToken | None:
        """The row with *values*; ``None`` where it is not as *token* says."""

        def work(connection: sa.Connection) -> StoredToken | None:
            written = self._written(token, values, connection)
            where = [*self._is(token.key), self._is_unchanged(token)]
            table: Any = self._columns.mapper.local_table
            update = sa.update(table).where(*where).values(written)
            by_name = {column.key: value for column, value in written.items()}
            with wide_enough(FAULTS, self._columns.model.__name__, lambda: by_name), discreet():
                changed = connection.execute(update).rowcount
            if changed != 1:
                return None
            return self._one(connection, token.key)

        self._require_columns()
        return self._apart(work, writes=True)

    def batch(
        self, after: Any, limit: int, provider_id: str | None, expiring_before: int | None
    ) -> Sequence[StoredToken]:
        """At most *limit* rows behind the key *after*, those that the others leave."""
        criteria = [] if after is None else [self._is_behind(after)]
        if provider_id is not None:
            criteria.append(self._columns.stored["provider_id"] == provider_id)
        if expiring_before is not None:
            if "expires_at" not in self._columns.stored:
                return []
            criteria.append(self._columns.stored["expires_at"] < expiring_before)
        query = self._query.where(*criteria).order_by(*self._keys).limit(limit)
        return self._apart(lambda connection: [*map(self._token, connection.execute(query))])

    def _require_columns(self) -> None:
        """:raises ConfigurationError: where the model computes a token, which no UPDATE can."""
        for name in self._columns.computed:
            raise ConfigurationError(f"{self._columns.model.__name__}.{name} is no column.")

    def _apart(self, work: Work[T], *, writes: bool = False) -> T:
        """What *work* gives, on a connection of its own, committed."""
        session = self._session()
        # As for an UPDATE: a session may send queries to a replica, which is behind.
        writing = sa.update(self._columns.mapper.local_table)  # type: ignore[arg-type]
        bind = session.get_bind(self._columns.mapper, clause=writing)
        if isinstance(bind, sa.Connection) or isinstance(
            bind.pool, StaticPool | SingletonThreadPool
        ):
            return self._within(session, work, writes=writes)
        if is_idle(session):
            session.rollback()  # a second connection while the first is kept may wait for ever
        elif writes and bind.dialect.name == "sqlite" and has_written(session, bind):
            raise StoreUnavailable(LOCKED)
        return twice(lambda: _once(bind, work), trouble)

    def _within(self, session: Session, work: Work[T], *, writes: bool) -> T:
        was_idle = is_idle(session)
        with session.no_autoflush, discreet():
            found = work(session.connection(bind_arguments={"mapper": self._columns.mapper}))
        if writes and was_idle:
            session.commit()
        return found

    def _one(self, connection: sa.Connection, key: Any) -> StoredToken | None:
        row = connection.execute(self._query.where(*self._is(key))).first()
        return None if row is None else self._token(row)

    def _written(
        self, token: StoredToken, values: Mapping[str, Any], connection: sa.Connection
    ) -> dict[sa.Column[Any], Any]:
        """What an UPDATE to *values* sets, by columns."""
        mapper, columns = self._columns.mapper, self._columns
        known = self._charsets.fitting(columns.known(values), connection, mapper)
        plain = {name: value for name, value in known.items() if name not in TOKENS}
        written = columns.bumped() | plain | self._sealed(token, known)
        by_column = {
            mapper.columns[attribute]: value
            for name, value in written.items()
            if (attribute := columns.attribute(name)) in mapper.columns
        }
        return by_column or columns.unchanged()

    def _sealed(self, token: StoredToken, known: Mapping[str, Any]) -> dict[str, Any]:
        """The tokens to write: those in *known*, and what is stored otherwise than it should be."""
        account = {name: getattr(token, name) for name in ("provider_id", "provider_user_id")}
        sealed: dict[str, Any] = {}
        for name in self._columns.tokens:
            value = known.get(name, getattr(token, name))
            if isinstance(value, Unreadable) and self._sealing.keeps:
                continue
            if name in known or not self._sealing.is_current(token.stored.get(name)):
                sealed[name] = self._sealing.write(account, name, value)
        return sealed

    def _is_unchanged(self, token: StoredToken) -> sa.ColumnElement[bool]:
        """Whether nobody wrote to the row since *token* was read."""
        if (version := self._columns.stored.get("version")) is not None:
            return version.is_(None) if token.version is None else version == token.version
        stored = token.stored.get("access_token")
        hidden = Secret(stored) if isinstance(stored, str) else stored  # it may be the token itself
        return self._columns.stored["access_token"].is_not_distinct_from(hidden)

    def _token(self, row: sa.Row[Any]) -> StoredToken:
        names = list(self._columns.stored)
        values = dict(zip(names, row[-len(names) :], strict=True))
        stored = {name: values[name] for name in self._columns.tokens}
        opened = {name: self._sealing.read(values, name, stored[name]) for name in stored}
        account = {name: str(values[name]) for name in ("provider_id", "provider_user_id")}
        broken = {"needs_reauth": bool(values.get("needs_reauth"))}
        key = self._key(row[: -len(names)])
        return StoredToken(key=key, stored=stored, **{**values, **opened, **account, **broken})

    @cached_property
    def _query(self) -> sa.Select[Any]:
        return sa.select(*self._keys, *self._columns.stored.values())

    @property
    def _keys(self) -> Sequence[sa.ColumnElement[Any]]:
        return self._columns.mapper.primary_key

    def _is(self, key: Any) -> list[sa.ColumnElement[bool]]:
        return [each == part for each, part in zip(self._keys, self._parts(key), strict=True)]

    def _is_behind(self, key: Any) -> sa.ColumnElement[bool]:
        parts = self._parts(key)
        behind: sa.ColumnElement[bool]
        if len(parts) == 1:
            behind = self._keys[0] > parts[0]
            return behind
        typed = (sa.literal(part, of.type) for of, part in zip(self._keys, parts, strict=True))
        behind = sa.tuple_(*self._keys) > sa.tuple_(*typed)
        return behind

    def _key(self, parts: Sequence[Any]) -> Any:
        """The primary key as one value, where it has one part."""
        return parts[0] if len(self._keys) == 1 else tuple(parts)

    def _parts(self, key: Any) -> list[Any]:
        """*key* in parts, each as its column has it: a number may come as text."""
        parts = (key,) if len(self._keys) == 1 else key
        return [converted(part, kind_of(of)) for of, part in zip(self._keys, parts, strict=True)]


def _once(engine: sa.Engine, work: Work[T]) -> T:
    with discreet(), engine.begin() as connection, _impatient(connection):
        return work(connection)


@contextmanager
def _impatient(connection: sa.Connection) -> Iterator[None]:
    """Wait for no lock on *connection* for long. SQLite's time-out is the application's."""
    run = connection.exec_driver_sql
    if connection.dialect.name == "postgresql":
        run(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
    if connection.dialect.name not in MYSQL:
        yield
        return
    name = "innodb_lock_wait_timeout"
    run(f"SET @flask_social = @@{name}, {name} = LEAST(@@{name}, {PATIENCE})")
    try:
        yield
    finally:
        with suppress(SQLAlchemyError):  # a connection that broke is not used again
            run(f"SET {name} = @flask_social")
