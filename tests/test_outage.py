"""A database that breaks while one of our routes needs it: undone, run again, or told."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import session
from flask_login import user_logged_in

from tests.bed import Bed

U1 = "one@example.org"
ADA = "ada@example.com"
JSON = {"Accept": "application/json"}


def locking(file: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else with the SQLite *file* open."""
    connection = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


@pytest.fixture
def rival(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else with the application's file open."""
    yield from locking(tmp_path / "app.sqlite")


@pytest.fixture
def bed(make_bed: Callable[..., Bed], tmp_path: Path, rival: sqlite3.Connection) -> Bed:
    """An application that waits for no lock, and signs up whoever comes."""
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.sqlite?timeout=0")
    bed.add_user(U1)
    return bed


def sign_up(bed: Bed, meet: Callable[[], Any]) -> list[str]:
    """Have newcomers signed up, who *meet* somebody on the way. The calls of the handler."""
    calls: list[str] = []

    @bed.social.newcomer_handler
    def handler(grant: Any) -> Any:
        calls.append(grant.identity.email)
        meet()
        security = bed.app.extensions["security"]
        return security.datastore.create_user(
            email=grant.identity.email, confirmed_at=security.datetime_factory()
        )

    return calls


def told(bed: Bed) -> list[str]:
    names = [name for name, _ in bed.told]
    bed.told.clear()
    return names


def test_F48_a_locked_file_is_a_page_and_nobody_is_signed_in(
    bed: Bed, rival: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    calls = sign_up(bed, lambda: rival.in_transaction or rival.execute("BEGIN IMMEDIATE"))
    browser = bed.browser()

    answer = browser.trip("/login/acme", next="/there")

    assert answer.status_code == 503
    assert "nothing was changed" in answer.text
    assert 'href="/login/acme?next=/there"' in answer.text
    assert calls == [ADA, ADA], "it was tried once more"
    assert told(bed) == ["store_failed"]
    [line] = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert "sqlite3.OperationalError: database is locked" in line.getMessage()
    assert "INSERT" not in line.getMessage()
    rival.execute("ROLLBACK")
    assert browser.who() is None
    assert (bed.users(), bed.rows()) == ([U1], [])
    sign_up(bed, lambda: None)
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert (browser.who(), bed.users()) == (ADA, [U1, ADA])


def test_F48_a_file_that_is_free_by_then_is_written(bed: Bed, rival: sqlite3.Connection) -> None:
    def lock_once() -> None:
        rival.execute("ROLLBACK" if rival.in_transaction else "BEGIN IMMEDIATE")

    calls = sign_up(bed, lock_once)
    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert (browser.who(), calls) == (ADA, [ADA, ADA])
    assert bed.calls("acme") == 1
    assert [account[:2] for account in bed.accounts()] == [(ADA, "acme")]
    assert told(bed) == ["connection_created", "login_completed"]


def test_F48_what_the_application_changed_is_not_lost_by_trying_again(
    bed: Bed, rival: sqlite3.Connection
) -> None:
    @bed.social.grant_checker
    def note(grant: Any) -> None:
        bed.db.session.add(bed.User(email="noted@example.org", fs_uniquifier="n", active=True))

    calls = sign_up(bed, lambda: rival.execute("BEGIN IMMEDIATE"))
    assert bed.browser().trip("/login/acme").status_code == 503
    assert calls == [ADA]
    rival.execute("ROLLBACK")
    assert bed.users() == [U1]


def test_F48_a_removal_is_run_again(bed: Bed, rival: sqlite3.Connection) -> None:
    bed.connect(U1, "acme", "5")
    browser = bed.browser().sign_in(U1)
    rival.execute("BEGIN IMMEDIATE")
    with bed.app.app_context():
        engine = bed.db.engine

    @sa.event.listens_for(engine, "rollback")
    def end(connection: Any) -> None:
        if rival.in_transaction:
            rival.execute("ROLLBACK")

    assert browser.delete("/connect/acme/5", headers=JSON).status_code == 200
    assert bed.rows() == []
    assert told(bed) == ["connection_removed"]


def test_a_commit_that_fails_signs_nobody_in(bed: Bed, rival: sqlite3.Connection) -> None:
    trails: list[Any] = []

    @bed.app.get("/trail")
    def trail() -> str:
        trails.append(session.get("trail"))
        session["trail"] = ["here"]
        return ""

    bed.browser().sign_in(U1).trip("/connect/acme")
    [before] = bed.rows()
    told(bed)

    @bed.social.grant_checker
    def read(grant: Any) -> None:
        rival.execute("BEGIN")
        rival.execute("SELECT * FROM connection").fetchone()  # lets nobody commit

    def spoil(sender: Any, **arguments: Any) -> None:
        session["trail"].append("signed in")

    with user_logged_in.connected_to(spoil, sender=bed.app):
        browser = bed.browser()
        browser.get("/trail")
        assert browser.trip("/login/acme").status_code == 503
    rival.execute("ROLLBACK")
    browser.get("/trail")

    assert trails == [None, ["here"]], "the session is as it was"
    assert browser.who() is None
    [after] = bed.rows()
    assert (after.access_token, after.version) == (before.access_token, before.version)
    assert told(bed) == ["store_failed"]


def test_work_of_the_application_that_holds_the_file_is_told_at_once(
    make_bed: Callable[..., Bed], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.sqlite?timeout=60")
    bed.add_user(U1)

    @bed.app.before_request
    def note() -> None:
        bed.db.session.execute(sa.update(bed.User).values(username="seen"))

    browser = bed.browser()
    answer = browser.trip("/login/acme")

    assert answer.status_code == 503
    assert "keeps a SQLite file locked" in caplog.text
    assert told(bed) == ["store_failed"]
    bed.app.before_request_funcs[None].remove(note)
    assert browser.trip("/login/acme").headers["Location"] == "/login"


def test_a_transaction_that_was_only_begun_holds_nothing(
    make_bed: Callable[..., Bed], tmp_path: Path
) -> None:
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.sqlite?timeout=0")
    bed.add_user(U1)
    with bed.app.app_context():
        engine = bed.db.engine
    # What SQLAlchemy's documentation has an application do, for SAVEPOINT to work.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    browser = bed.browser().sign_in(U1)
    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    assert len(bed.rows()) == 1
