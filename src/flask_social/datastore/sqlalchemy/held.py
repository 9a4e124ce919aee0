"""Rows as they are now, whatever the transaction has read before, and nobody else's to change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, with_parent

from ..base import Conflict, already_connected
from ..filters import ACCOUNT, is_exact
from .columns import MYSQL, ModelColumns
from .transaction import discreet


class HeldRows:
    """The rows of one model in a session's transaction."""

    def __init__(self, columns: ModelColumns, session: Callable[[], Session]) -> None:
        self._columns = columns
        self._session = session

    def held(self, filters: Mapping[str, Any]) -> list[Any]:
        """The rows of *filters*, fresh, and nobody else's to change until the transaction ends.

        An UPDATE that changes nothing takes the lock on every database, SQLite included, which
        knows no SELECT ... FOR UPDATE. Whoever comes second reads what the first one left; in a
        transaction whose snapshot is older (MySQL, MariaDB) only a locking read does.
        """
        session = self._session()
        session.flush()  # Reading afresh would drop what is not written yet.
        criteria = self._columns.criteria(filters)
        still = update(self._columns.model).where(*criteria).values(self._columns.unchanged())
        session.execute(still, execution_options={"synchronize_session": False})
        return self.newest(filters, read=False)

    def newest(self, filters: Mapping[str, Any], *, read: bool) -> list[Any]:
        """The rows of *filters* as they are now, locked; with *read* others may read them so."""
        session, model = self._session(), self._columns.model
        query = select(model).where(*self._columns.criteria(filters))
        # MySQL's LOCK IN SHARE MODE, which SQLAlchemy sends, names no table.
        bare = read and session.get_bind(self._columns.mapper).dialect.name in MYSQL
        of = None if bare else model
        query = query.order_by(*self._columns.order(filters)).with_for_update(read=read, of=of)
        fresh = {"populate_existing": True}
        rows = session.scalars(query, execution_options=fresh).unique()
        return [row for row in rows if is_exact(row, filters)]

    def flush(self, account: Mapping[str, Any]) -> None:
        """Write what the application did, so that its mistakes do not look like ours.

        Of two first visits at once the second may fail here already, over the user it made; the
        first has committed by then, and its connection says so.

        :raises AlreadyConnected: when it does, and the *account* is connected.
        :raises Conflict: for any other constraint that is broken. Either way all is rolled back.
        """
        session = self._session()
        try:
            with discreet():
                session.flush()
        except IntegrityError as error:
            session.rollback()
            if self.is_taken(account):
                raise already_connected(account) from None
            raise Conflict(f"What is pending breaks a constraint: {error.orig}") from error

    def is_taken(self, account: Mapping[str, Any]) -> bool:
        """Whether the account has a row.

        A shared lock reads the newest, even in a transaction whose snapshot is older (MySQL).
        """
        columns = [getattr(self._columns.model, name) for name in ACCOUNT]
        query = select(*columns).where(*self._columns.criteria(account)).with_for_update(read=True)
        return any(is_exact(row, account) for row in self._session().execute(query))

    def has_user(self, row: Any) -> bool:
        """Whether *row*, which is held, has a user by now: a locking read, as in :meth:`held`."""
        if getattr(row, self._columns.user_key) is None:
            return False
        user = self._columns.mapper.relationships["user"].mapper
        query = select(*user.primary_key).where(with_parent(row, self._columns.model.user))
        return self._session().execute(query.with_for_update(read=True)).first() is not None

    def is_gone(self, user: Any) -> bool:
        """Whether *user*, whom the session knows from the database, was deleted there meanwhile."""
        seen = inspect(user, raiseerr=False)
        if seen is None or seen.identity is None:
            return False
        keys = seen.mapper.primary_key
        named = (key == value for key, value in zip(keys, seen.identity, strict=True))
        query = select(*keys).where(*named).with_for_update(read=True)
        return self._session().execute(query).first() is None
