"""F75: a table as 1.6.2 left it, with everything in it that can be wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bed import Bed, close
from tests.moving.old import FLASK_SOCIAL, GOOGLE, left, moved_to, outcomes, rows, run

ROOT = Path(__file__).parent.parent.parent
IMPORT = ("--from", "flask-social-1.6", "--table", "old_connection")
BATCH = 10
CUT = "t" * 255
TABLE: list[tuple[Any, Any, Any, dict[str, Any]]] = [
    (1, "google", "108", {"access_token": "ya29.whole", "display_name": "Ann", "rank": 2}),
    (1, "twitter", "7", {"access_token": "7-whole", "secret": "whole as well"}),
    (2, "twitter", "8", {"access_token": "8-whole", "secret": CUT}),
    (2, "google", "109", {"access_token": CUT}),
    (1, "github", "1", {"access_token": "first"}),
    (1, "github", "1", {"access_token": "of a second connect"}),
    (2, "github", "2", {"access_token": "second user's"}),
    (3, "github", "2", {"access_token": "third user's"}),
    (3, "github", None, {}),
    (3, "github", "", {}),
    (3, "github", "None", {}),
    (None, "github", "3", {"access_token": "nobody's"}),
    (99, "github", "4", {"access_token": "of a user who is gone"}),
    (1, "acme", "abC", {"access_token": "upper"}),
    (2, "acme", "abc", {"access_token": "lower"}),
    (3, "acme", "abc ", {"access_token": "spaced"}),
    (3, "acme", "ab\u0301c", {"access_token": "accented"}),
    (3, "foursquare", "5", {"access_token": "of a provider that is not here"}),
    (3, None, "6", {"access_token": "of no provider"}),
    (3, "google", "ann@example.com", {"access_token": "by address"}),
    (3, "github", "line\nbreak", {"access_token": "by no id"}),
]
WANTED = {
    "1": ("imported",),
    "2": ("imported",),
    "3": ("imported", "cut"),
    "4": ("imported", "cut"),
    "5": ("repeated",),
    "6": ("repeated",),
    "7": ("shared",),
    "8": ("shared",),
    "9": ("no_id",),
    "10": ("no_id",),
    "11": ("no_id",),
    "12": ("no_user",),
    "13": ("user_gone",),
    "14": ("imported", "alike"),
    "15": ("imported", "alike"),
    "16": ("imported", "alike"),
    "17": ("imported", "alike"),
    "18": ("no_provider",),
    "19": ("no_provider",),
    "20": ("address",),
    "21": ("unfit_id",),
}
ACCOUNTS = [
    ("user1@example.com", "google", "108"),
    ("user1@example.com", "twitter", "7"),
    ("user2@example.com", "twitter", "8"),
    ("user2@example.com", "google", "109"),
    ("user1@example.com", "acme", "abC"),
    ("user2@example.com", "acme", "abc"),
    ("user3@example.com", "acme", "abc "),
    ("user3@example.com", "acme", "ab\u0301c"),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/app.sqlite?timeout=60"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def bed(database: str) -> Bed:
    """An application that has the old table in its database."""
    bed = moved_to(database)
    columns = ("user_id", "provider_id", "provider_user_id")
    left(database, FLASK_SOCIAL, [dict(zip(columns, row, strict=False), **row[3]) for row in TABLE])
    return bed


def test_F75_the_dry_run_lists_every_row_and_writes_nothing(bed: Bed, tmp_path: Path) -> None:
    done = run(bed, *IMPORT)
    assert done.exit_code == 0, done.output
    assert "Nothing was written." in done.output
    for told in ("21 rows", "not imported: two users have the account", "row '7'", "row '13'"):
        assert told in done.output
    assert outcomes(bed, tmp_path, *IMPORT) == WANTED
    assert rows(bed) == []


def test_F75_what_is_sound_becomes_a_connection_and_nothing_is_merged(
    bed: Bed, tmp_path: Path
) -> None:
    assert outcomes(bed, tmp_path, *IMPORT, "--write", "--yes") == WANTED
    assert bed.accounts() == ACCOUNTS
    found = {(row["provider_id"], row["provider_user_id"]): row for row in rows(bed)}
    ann = found["google", "108"]
    assert (ann["issuer"], ann["access_token"], ann["rank"]) == (GOOGLE, "ya29.whole", 2)
    assert (ann["display_name"], ann["needs_reauth"], ann["email_verified"]) == (
        "Ann",
        False,
        False,
    )
    assert found["twitter", "7"]["secret"] == "whole as well"
    assert found["twitter", "7"]["issuer"] is None
    for account in (("twitter", "8"), ("google", "109")):
        row = found[account]
        assert (row["access_token"], row["secret"], row["needs_reauth"]) == (None, None, True)


def test_F75_a_second_run_changes_nothing(bed: Bed, tmp_path: Path) -> None:
    run(bed, *IMPORT, "--write", "--yes")
    with bed.app.app_context():  # somebody has logged in meanwhile
        newer = sa.update(bed.Connection).where(bed.Connection.provider_user_id == "109")
        bed.db.session.execute(newer.values(access_token="of today", needs_reauth=False))
        bed.db.session.commit()
    before = rows(bed)
    again = outcomes(bed, tmp_path, *IMPORT, "--write", "--yes")
    wanted = {
        row: ("present", *found[1:]) if found[0] == "imported" else found
        for row, found in WANTED.items()
    }
    assert again == wanted
    assert rows(bed) == before


@pytest.fixture
def long_bed(database: str) -> Bed:
    """An application with three batches to move."""
    bed = moved_to(database, users=1)
    row = {"user_id": 1, "provider_id": "github", "access_token": "t"}
    numbers = range(2 * BATCH + 5)
    left(database, FLASK_SOCIAL, [{**row, "provider_user_id": f"{n + 1}"} for n in numbers])
    return bed


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("after the first commit", BATCH),
        ("before the second commit", BATCH),
        ("before the first commit", 0),
    ],
)
def test_F75_a_killed_run_leaves_whole_batches_and_the_next_goes_on(
    long_bed: Bed, database: str, moment: str, written: int, tmp_path: Path
) -> None:
    close(long_bed)
    done = subprocess.run(
        [sys.executable, "-m", "tests.moving.killed", database, moment],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    found = [row["provider_user_id"] for row in rows(long_bed)]
    assert found == [f"{number + 1}" for number in range(written)]
    again = outcomes(long_bed, tmp_path, *IMPORT, "--write", "--yes", "--batch", "10")
    assert list(again.values()).count(("present",)) == written
    assert list(again.values()).count(("imported",)) == 2 * BATCH + 5 - written
    assert [int(row["provider_user_id"]) for row in rows(long_bed)] == list(range(1, 2 * BATCH + 6))


def test_F75_whoever_interrupts_it_is_told_what_was_done(long_bed: Bed) -> None:
    commits = 0

    def interrupt(session: Any) -> None:
        nonlocal commits
        commits += not session.in_nested_transaction()
        if commits == 2:
            raise KeyboardInterrupt

    registry = long_bed.db.session.session_factory
    sa.event.listen(registry, "before_commit", interrupt)
    try:
        done = run(long_bed, *IMPORT, "--write", "--yes", "--batch", "10")
    finally:
        sa.event.remove(registry, "before_commit", interrupt)
    assert done.exit_code == 1
    assert f"{BATCH}  imported" in done.output
    assert "Run it again: it goes on where it ended." in done.output
    assert len(rows(long_bed)) == BATCH
    assert run(long_bed, *IMPORT, "--write", "--yes").exit_code == 0
    assert len(rows(long_bed)) == 2 * BATCH + 5
