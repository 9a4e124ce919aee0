"""What a database does to find rows: it uses an index, and reads no table from end to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event, insert, text

from .beds import Bed
from .token_contract import token_of

MANY = 3000
"""Rows, and users; PostgreSQL reads a small table whole, and rightly."""
ACCOUNT = {"provider_id": "acme", "provider_user_id": "1500"}
QUERIES: dict[str, Callable[[Bed], Any]] = {
    "get_connection()": lambda bed: bed.store.find_connection(
        user=user_of(bed), provider_id="acme"
    ),
    "get_connection() by the user's key": lambda bed: bed.store.find_connection(
        user_id="1500", provider_id="acme"
    ),
    "get_connections()": lambda bed: bed.store.find_connections(
        user=user_of(bed), provider_id="acme"
    ),
    "a login": lambda bed: bed.store.find_connection(**ACCOUNT),
    "a login that lost a race": lambda bed: bed.store.find_newest(**ACCOUNT),
    "a removal": lambda bed: bed.store.lock_connections(user_of(bed)),
    "read_token()": lambda bed: bed.store.read_token(row_of(bed)),
    "swap_token()": lambda bed: bed.store.swap_token(token_of(bed, row_of(bed)), rank=1),
    "stored_tokens()": lambda bed: bed.store.stored_tokens(after=1500, limit=5),
    "stored_tokens(expiring_before=)": lambda bed: bed.store.stored_tokens(
        after=1500, limit=5, expiring_before=MANY
    ),
}


class PlanContract:
    """Finding a row takes the same with any number of rows."""

    def test_an_index_serves(self, bed: Bed) -> None:
        fill(bed)
        for name, query in QUERIES.items():
            plans = plans_of(bed, lambda query=query: query(bed))  # type: ignore[misc]
            assert plans
            for plan in plans:
                assert reads_by_index(bed, plan), f"{name}: {plan}"


class ExpiryPlanContract:
    """What expires soon is found without a look at what does not, by an index of one's own.

    (SQLite goes through the rows in the order of their keys, once in a whole run.)
    """

    def test_what_expires_is_found_by_an_index_where_there_is_one(self, bed: Bed) -> None:
        fill(bed)

        def look() -> None:
            found = bed.store.stored_tokens(expiring_before=20)
            assert [token.expires_at for token in found] == list(range(1, 20))

        look()
        assert bed.engine is not None
        with bed.engine.begin() as connection:
            connection.execute(text("CREATE INDEX expiring ON connection (expires_at)"))
        analyse(bed)
        [plan] = plans_of(bed, look)
        assert "expiring" in plan, plan


def user_of(bed: Bed) -> Any:
    return row_of(bed).user


def row_of(bed: Bed) -> Any:
    return bed.store.find_connection(**ACCOUNT)


def fill(bed: Bed) -> None:
    """A connection for each of many users."""
    with bed.unit():
        user = type(bed.find_user("1"))
        session = bed.store.session  # type: ignore[attr-defined]
        numbers = range(1, MANY + 1)
        session.execute(insert(user), [{"id": n, "name": str(n)} for n in numbers[1:]])
        account = {"provider_id": "acme", "access_token": "t"}
        rows = [
            {**account, "user_id": n, "provider_user_id": str(n), "expires_at": n} for n in numbers
        ]
        session.execute(insert(bed.store.connection_model), rows)
        bed.store.commit()
    analyse(bed)


def analyse(bed: Bed) -> None:
    """Let the database know how many rows there are."""
    assert bed.engine is not None
    statement = "ANALYZE TABLE connection" if bed.engine.name == "mysql" else "ANALYZE"
    with bed.engine.begin() as connection:
        connection.execute(text(statement)).close()


def plans_of(bed: Bed, work: Callable[[], Any]) -> list[str]:
    """How the database did what *work* asked of it about connections, a statement each."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "connection" in statement.lower():
            sent.append((statement, parameters))

    event.listen(bed.engine, "before_cursor_execute", note)
    with bed.unit():
        work()
        bed.store.rollback()
    event.remove(bed.engine, "before_cursor_execute", note)
    assert bed.engine is not None
    explain = "EXPLAIN QUERY PLAN" if bed.engine.name == "sqlite" else "EXPLAIN"
    plans = []
    with bed.engine.connect() as connection:
        for statement, parameters in sent:
            rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
            plans.append("\n".join(str(dict(row)) for row in rows.mappings()))
            connection.rollback()
    return plans


def reads_by_index(bed: Bed, plan: str) -> bool:
    """Whether *plan* reads no table from end to end."""
    assert bed.engine is not None
    match bed.engine.name:
        case "sqlite":
            return "SEARCH" in plan and "SCAN" not in plan
        case "postgresql":
            return "Index" in plan and "Seq Scan" not in plan
        case _:
            return "'type': 'ALL'" not in plan and "'type': 'index'" not in plan
