"""F75 on MariaDB: the tests of the other databases, and what only such a server does to a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from tests.faults.test_F75_an_old_table import (
    IMPORT,
    bed,
    long_bed,
    test_F75_a_killed_run_leaves_whole_batches_and_the_next_goes_on,
    test_F75_a_second_run_changes_nothing,
    test_F75_the_dry_run_lists_every_row_and_writes_nothing,
    test_F75_what_is_sound_becomes_a_connection_and_nothing_is_merged,
    test_F75_whoever_interrupts_it_is_told_what_was_done,
)
from tests.hostile import mariadb
from tests.moving.old import FLASK_SOCIAL, left, moved_to, outcomes, rows

__all__ = [
    "bed",
    "long_bed",
    "test_F75_a_killed_run_leaves_whole_batches_and_the_next_goes_on",
    "test_F75_a_second_run_changes_nothing",
    "test_F75_the_dry_run_lists_every_row_and_writes_nothing",
    "test_F75_what_is_sound_becomes_a_connection_and_nothing_is_merged",
    "test_F75_whoever_interrupts_it_is_told_what_was_done",
]


@pytest.fixture
def database(mariadb_databases: mariadb.Databases) -> Iterator[str]:
    """The URL of an empty database."""
    with mariadb_databases.fresh() as url:
        yield url


def folding(db: SQLAlchemy) -> Any:
    """A model of unique ids, which the database compares as it does by default."""

    class Connection(db.Model):  # type: ignore[name-defined]
        __table_args__ = (db.UniqueConstraint("provider_id", "provider_user_id"),)
        id = db.Column(db.Integer, primary_key=True)
        user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
        user = db.relationship("User")
        provider_id = db.Column(db.String(64))
        provider_user_id = db.Column(db.String(255))
        access_token = db.Column(db.Text)

    return Connection


def test_F75_a_token_that_the_server_itself_cut_is_dropped(database: str, tmp_path: Path) -> None:
    bed = moved_to(database)
    left(database, FLASK_SOCIAL, [])
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET SESSION sql_mode = ''")
        row = {"user_id": 1, "provider_id": "github", "provider_user_id": "1"}
        connection.execute(FLASK_SOCIAL.insert().values(**row, access_token="t" * 300))
        stored = connection.scalar(sa.select(FLASK_SOCIAL.c.access_token))
    engine.dispose()
    assert stored == "t" * 255
    assert outcomes(bed, tmp_path, *IMPORT, "--write", "--yes") == {"1": ("imported", "cut")}
    [row] = rows(bed)
    assert (row["access_token"], row["needs_reauth"]) == (None, True)


def test_F75_ids_that_the_new_table_takes_for_one_are_refused_and_told(
    database: str, tmp_path: Path
) -> None:
    bed = moved_to(database, declare=folding)
    account = {"provider_id": "github", "access_token": "t"}
    subjects = ["abC", "1", "abc", "abC ", "2", "ábc"]
    left(
        database,
        FLASK_SOCIAL,
        [{**account, "user_id": 1, "provider_user_id": subject} for subject in subjects],
    )
    done = outcomes(bed, tmp_path, *IMPORT, "--write", "--yes", "--batch", "4")
    refused = ("refused", "alike")
    assert done == {
        "1": ("imported", "alike"),
        "2": ("imported",),
        "3": refused,
        "4": refused,
        "5": ("imported",),
        "6": refused,
    }
    assert [row["provider_user_id"] for row in rows(bed)] == ["abC", "1", "2"]
