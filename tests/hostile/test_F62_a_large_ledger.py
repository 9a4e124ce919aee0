"""F62: with 100,000 rows in the ledger's table trips cost the database what they cost without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_social import clock
from flask_social.datastore.sqlalchemy.ledger import BATCH, BATCHES
from tests.bed import Bed

U1 = "one@example.org"
MANY = 100_000
MakeBed = Callable[..., Bed]


@pytest.fixture(params=["sqlite", "postgresql"])
def bed_(request: pytest.FixtureRequest, make_bed: MakeBed, tmp_path: Path) -> Bed:
    if request.param == "sqlite":
        database = f"sqlite:///{tmp_path}/app.db?timeout=60"
    else:
        database = str(request.getfixturevalue("postgres_database"))
    bed = make_bed(database=database)
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/plain")
    return bed


def fill(bed: Bed, expires_at: int) -> None:
    with bed.app.app_context(), bed.db.engine.begin() as connection:
        for first in range(0, MANY, 10_000):
            rows = [
                {"key_hash": f"{number:064}", "expires_at": expires_at}
                for number in range(first, first + 10_000)
            ]
            connection.execute(sa.insert(bed.SpentFlow.__table__), rows)
    with bed.app.app_context(), bed.db.engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))


def rows(bed: Bed) -> int:
    with bed.app.app_context():
        return int(
            bed.db.session.scalar(sa.select(sa.func.count()).select_from(bed.SpentFlow)) or 0
        )


def statements_of_a_trip(bed: Bed) -> tuple[list[str], list[str]]:
    """What setting out asks the database, and what coming back does, purges apart."""
    browser = bed.browser()
    bed.statements.clear()
    callback = browser.at_provider(browser.set_out("/login/plain"))
    start = told(bed.statements)
    bed.statements.clear()
    assert browser.get(callback).headers["Location"] == "/home"
    purge = ("DELETE FROM spent_flow", "SELECT spent_flow.key_hash FROM spent_flow WHERE spent_fl"
             "ow.expires_at")  # fmt: skip
    return start, told([each for each in bed.statements if not each.startswith(purge)])


def told(statements: list[str]) -> list[str]:
    """What *statements* do, whichever columns happen to have changed."""
    return [" ".join(each.split()[:2]) for each in statements]


def test_F62_setting_out_asks_nothing_and_coming_back_no_more_than_ever(bed_: Bed) -> None:
    small = statements_of_a_trip(bed_)
    fill(bed_, clock.now() + 600)
    large = statements_of_a_trip(bed_)
    assert small == large
    assert small[0] == []
    assert rows(bed_) >= MANY, "none of these may be forgotten yet"


def test_F62_what_is_expired_goes_in_small_batches_over_the_next_minutes(bed_: Bed) -> None:
    fill(bed_, 1)
    began, left = clock.now(), rows(bed_)
    for minute in range(1, 4):
        with clock.replaced(lambda at=began + 61 * minute: at):  # type: ignore[misc]
            statements_of_a_trip(bed_)
        assert left - rows(bed_) == BATCH * BATCHES - 1
        left = rows(bed_)


def test_F62_no_look_into_the_table_reads_it_all(bed_: Bed) -> None:
    fill(bed_, clock.now() + 600)
    table = bed_.SpentFlow.__table__
    looks = [
        sa.select(table.c.key_hash).where(table.c.key_hash == "0" * 64),
        sa.select(table.c.key_hash).where(table.c.expires_at <= 1).limit(BATCH),
    ]
    with bed_.app.app_context(), bed_.db.engine.connect() as connection:
        for look in looks:
            query = look.compile(connection, compile_kwargs={"literal_binds": True})
            sqlite = connection.dialect.name == "sqlite"
            explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
            plan = str(connection.execute(sa.text(f"{explain} {query}")).all())
            assert ("SEARCH" if sqlite else "Index") in plan, plan
