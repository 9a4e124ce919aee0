"""F18, F21 and F22 on other databases: the tests of SQLite, on PostgreSQL and MariaDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bed import Bed
from tests.faults.test_F16_to_F19_keys_clocks_ids import (
    test_F18_an_id_that_changes_its_type_is_the_same_account,
)
from tests.faults.test_F20_to_F24_who_it_is import (
    test_F21_names_of_all_kinds_are_kept_and_shown,
    test_F22_long_tokens_are_kept_whole,
)
from tests.faults.visits import U1, Visits
from tests.hostile import mariadb

__all__ = [
    "test_F18_an_id_that_changes_its_type_is_the_same_account",
    "test_F21_names_of_all_kinds_are_kept_and_shown",
    "test_F22_long_tokens_are_kept_whole",
]


@pytest.fixture(params=["postgres_databases", "mariadb_databases"])
def somewhere(
    request: pytest.FixtureRequest,
    make_bed: Callable[..., Bed],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Visits]:
    """By a provider of OAuth 2.0, on either server."""
    with request.getfixturevalue(request.param).fresh() as url:
        yield Visits(make_bed(database=url), caplog)


@pytest.mark.parametrize(
    ("charset", "kept", "dropped"),
    [
        ("utf8mb3", ["Ädä", "عادة", "Ada"], ["😀 Ada", "Ada 𐀀"]),
        ("latin1", ["Ada"], ["😀 Ada", "عادة", "Ädä"]),
    ],
)
def test_F21_a_table_that_is_older_than_emoji_costs_the_name_alone(
    make_bed: Callable[..., Bed],
    caplog: pytest.LogCaptureFixture,
    mariadb_databases: mariadb.Databases,
    charset: str,
    kept: list[str],
    dropped: list[str],
) -> None:
    with mariadb_databases.fresh() as url:
        made = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with made.connect() as connection:
            connection.execute(sa.text(f"ALTER DATABASE CHARACTER SET {charset}"))
        made.dispose()
        visits = Visits(make_bed(database=url), caplog)
        [told] = [each for each in caplog.messages if "Convert its text columns" in each]
        assert f'The table "connection" is in {charset}: ' in told
        for name in kept:
            visits.provider.set("api", name=name)
            visits.works()
            assert visits.row().full_name == name
        for name in dropped:
            visits.provider.set("api", name=name)
            visits.works()
            assert visits.row().full_name == kept[-1]
            assert "Convert its text columns" not in caplog.text, "once is enough"
        assert [row.full_name for row in created(visits.bed, "😀 Grace")] == [None]


def created(bed: Bed, name: str) -> list[Any]:
    """The rows that come of connecting somebody of that name."""
    before = {row.id for row in bed.rows()}
    bed.sandbox.login_as("grace")
    bed.sandbox["plain"].set("api", name=name)
    bed.browser().sign_in(U1).trip("/connect/plain")
    return [row for row in bed.rows() if row.id not in before]
