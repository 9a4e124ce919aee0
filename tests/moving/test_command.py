"""``flask social import`` on what operators do, and on applications of all kinds."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_social import moving
from flask_social.datastore.base import ConnectionDatastore
from flask_social.datastore.memory import MemoryConnectionDatastore
from flask_social.moving import settle
from tests.bed import Bed
from tests.moving.old import FLASK_SOCIAL, left, moved_to, outcomes, rows, run

IMPORT = ("--from", "flask-social-1.6", "--table", "old_connection")
SECRET = "a secret of this test"
CUT = {"access_token": "t" * 255}
ROW = {"user_id": 1, "provider_id": "github", "provider_user_id": "1", "access_token": SECRET}


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of an empty database."""
    return f"sqlite:///{tmp_path}/app.sqlite"


@pytest.fixture
def bed(database: str) -> Bed:
    """An application with one old row."""
    left(database, FLASK_SOCIAL, [ROW])
    return moved_to(database)


# Before anything is written.


def test_it_asks_before_it_writes(bed: Bed) -> None:
    done = run(bed, *IMPORT, "--write", input="n\n")
    assert (done.exit_code, rows(bed)) == (1, [])
    done = run(bed, *IMPORT, "--write", input="y\n")
    assert (done.exit_code, len(rows(bed))) == (0, 1)


def test_no_token_gets_into_what_is_printed_or_reported(bed: Bed, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    done = run(bed, *IMPORT, "--write", "--yes", "--report", str(report))
    assert SECRET not in done.output + report.read_text()
    assert json.loads(report.read_text()) == {
        "row": "1",
        "name": "github",
        "provider_id": "github",
        "provider_user_id": "1",
        "user": "1",
        "outcome": "imported",
        "notes": [],
        "because": "",
    }


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--from", "flask-dance"), 1, "There is no table 'flask_dance_oauth'"),
        ((*IMPORT, "--database", "nonsense"), 1, "no address of SQLAlchemy's"),
        ((*IMPORT, "--database", "nosuch://host/db"), 1, "no address of SQLAlchemy's"),
        ((*IMPORT, "--database", "sqlite:////nowhere/at/all"), 1, "cannot be read"),
        ((*IMPORT, "--map", "github"), 2, "write OLD=NEW"),
        ((*IMPORT, "--map", "a=nowhere"), 2, "configured: acme, github, google, plain, twitter"),
        ((*IMPORT, "--addresses", "nowhere"), 2, "No provider 'nowhere' is configured"),
        ((*IMPORT, "--user-column", "who"), 2, "no column who"),
        (("--from", "somewhere"), 2, "flask-social-1.6"),
    ],
)
def test_what_cannot_be_is_said_and_breaks_nothing(
    bed: Bed, words: tuple[str, ...], status: int, told: str
) -> None:
    done = run(bed, *words, "--write", "--yes")
    assert (done.exit_code, told in " ".join(done.output.split())) == (status, True), done.output
    assert rows(bed) == []


def test_the_password_of_the_old_database_is_not_shown(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql+psycopg://me:hunter2@127.0.0.1:1/old"
    monkeypatch.setenv("SOCIAL_IMPORT_DATABASE", url)
    done = run(bed, *IMPORT)
    assert done.exit_code == 1
    assert "cannot be read" in done.output
    assert "hunter2" not in done.output


def test_rows_do_not_get_the_issuers_of_the_sandbox(database: str) -> None:
    bed = moved_to(database)
    left(database, FLASK_SOCIAL, [ROW])
    object.__setattr__(bed.app.extensions["social"].settings, "sandbox", True)
    assert run(bed, *IMPORT).exit_code == 0
    done = run(bed, *IMPORT, "--write", "--yes")
    assert (done.exit_code, rows(bed)) == (2, [])


def test_without_sqlalchemy_the_operator_is_told_what_to_install(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "flask_social.moving.tables", raising=False)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.delattr(moving, "tables", raising=False)
    done = run(bed, *IMPORT)
    assert done.exit_code == 1
    assert "Flask-Social[sqlalchemy]" in done.output


# Whose the rows are.


def test_an_account_of_another_user_here_is_left_to_them(bed: Bed, tmp_path: Path) -> None:
    bed.connect("user2@example.com", "github", "1")
    before = rows(bed)
    done = outcomes(bed, tmp_path, *IMPORT, "--write", "--yes")
    assert (done, rows(bed)) == ({"1": ("somebody_elses",)}, before)


def test_users_are_found_by_the_key_that_the_old_table_knows(database: str, tmp_path: Path) -> None:
    bed = moved_to(database)
    bed.change_user("user3@example.com", us_phone_number="1")
    left(database, FLASK_SOCIAL, [ROW])
    words = ("--user-key", "us_phone_number", "--write", "--yes")
    assert outcomes(bed, tmp_path, *IMPORT, *words) == {"1": ("imported",)}
    assert bed.accounts() == [("user3@example.com", "github", "1")]


@pytest.mark.parametrize("value", ["1", b"1", 1.0, " 1", "1st", "\ud800"])
def test_a_key_of_another_type_names_the_same_user_or_none(
    bed: Bed, database: str, tmp_path: Path, value: Any
) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE old_connection")
        connection.exec_driver_sql(
            "CREATE TABLE old_connection (id INTEGER PRIMARY KEY, user_id, provider_id,"
            " provider_user_id)"
        )
        if value == "\ud800":
            values = "(1, CAST(x'80' AS TEXT), 'github', '1')"
            connection.exec_driver_sql(f"INSERT INTO old_connection VALUES {values}")
        else:
            put = "INSERT INTO old_connection VALUES (1, ?, 'github', '1')"
            connection.exec_driver_sql(put, (value,))
    engine.dispose()
    done = outcomes(bed, tmp_path, *IMPORT, "--write", "--yes")
    found = value in ("1", b"1")
    assert done == {"1": ("imported", "no_token") if found else ("user_gone",)}
    assert bed.accounts() == ([("user1@example.com", "github", "1")] if found else [])


# What the database makes of it.


def needy(db: SQLAlchemy) -> Any:
    """A model of the application's own that wants a token in every row."""

    class Connection(db.Model):  # type: ignore[name-defined]
        id = db.Column(db.Integer, primary_key=True)
        user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
        user = db.relationship("User")
        provider_id = db.Column(db.String(64))
        provider_user_id = db.Column(db.String(255))
        access_token = db.Column(db.Text, nullable=False)

    return Connection


def test_a_row_that_the_database_refuses_takes_no_other_with_it(
    database: str, tmp_path: Path
) -> None:
    bed = moved_to(database, declare=needy)
    good = [{**ROW, "provider_user_id": f"{number + 1}"} for number in range(4)]
    left(
        database, FLASK_SOCIAL, [*good[:2], {**ROW, "provider_user_id": "x" * 9, **CUT}, *good[2:]]
    )
    done = run(bed, *IMPORT, "--write", "--yes")
    assert "NOT NULL constraint failed" in done.output
    assert SECRET not in done.output
    assert [row["provider_user_id"] for row in rows(bed)] == ["1", "2", "3", "4"]


def test_a_login_that_was_faster_is_told_as_what_it_is(
    bed: Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the write somebody connects the account."""
    found = settle.Settler._met

    def met(settler: settle.Settler, entry: Any) -> Any:
        result = found(settler, entry)
        bed.connect("user2@example.com", "github", "1")
        return result

    monkeypatch.setattr(settle.Settler, "_met", met)
    done = outcomes(bed, tmp_path, *IMPORT, "--write", "--yes")
    assert done == {"1": ("somebody_elses",)}
    assert bed.accounts() == [("user2@example.com", "github", "1")]


def test_a_database_that_goes_away_ends_the_run_with_what_is_whole(
    database: str, tmp_path: Path
) -> None:
    bed = moved_to(database)
    left(database, FLASK_SOCIAL, [{**ROW, "provider_user_id": f"{n + 1}"} for n in range(6)])
    store: ConnectionDatastore = bed.app.extensions["social"].datastore
    commit, commits = store.commit, iter(range(9))

    def fail() -> None:
        commit()
        if next(commits) == 1:
            lost = Exception("server closed the connection unexpectedly")
            raise sa.exc.OperationalError("COMMIT", {}, lost, connection_invalidated=True)

    store.commit = fail  # type: ignore[method-assign]
    done = run(bed, *IMPORT, "--write", "--yes", "--batch", "2")
    assert done.exit_code == 1
    assert "Run it again: it goes on where it ended." in done.output
    assert "store_unavailable" in done.output
    done = run(bed, *IMPORT, "--write", "--yes", "--batch", "2")
    assert done.exit_code == 0
    assert len(rows(bed)) == 6


def test_a_store_without_sql_takes_the_rows_of_a_database_that_is_named(
    bed: Bed, database: str, tmp_path: Path
) -> None:
    store = MemoryConnectionDatastore()
    object.__setattr__(bed.app.extensions["social"], "datastore", store)
    done = run(bed, *IMPORT)
    assert done.exit_code == 1
    assert "say where the old one is" in done.output
    words = (*IMPORT, "--database", database, "--write", "--yes")
    assert outcomes(bed, tmp_path, *words) == {"1": ("imported",)}
    assert outcomes(bed, tmp_path, *words) == {"1": ("present",)}
    [row] = store.find_connections()
    assert (row.provider_id, row.provider_user_id, row.access_token) == ("github", "1", SECRET)


def test_where_keys_are_set_the_tokens_are_sealed(database: str, tmp_path: Path) -> None:
    bed = moved_to(database, SOCIAL_TOKEN_KEYS=["one:" + "A" * 43])
    left(database, FLASK_SOCIAL, [ROW])
    run(bed, *IMPORT, "--write", "--yes")
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT access_token FROM connection").scalar_one()
    engine.dispose()
    assert stored.startswith("social:v1:one:")
    with bed.app.app_context():
        [row] = bed.social.datastore.find_connections()
        assert row.access_token == SECRET
