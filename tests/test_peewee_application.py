"""An application with Peewee for users and connections: whole trips through the sandbox."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask_login import user_logged_in
from peewee import SqliteDatabase

from flask_social.sandbox import Barrier
from flask_social.testing import ServedSandbox
from tests import peeweebed
from tests.datastore import peewee_beds
from tests.peeweebed import PeeweeBed

EMAIL, ADA = "user@example.org", "ada@example.com"
JSON = {"Accept": "application/json"}
KEY = "a:" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture(params=["sqlite"])
def bed(request: pytest.FixtureRequest, box: ServedSandbox, tmp_path: Path) -> Iterator[PeeweeBed]:
    if request.param == "sqlite":
        database: Any = peewee_beds.sqlite_file(tmp_path)
    else:
        database = peewee_beds.postgresql(request.getfixturevalue("postgres_database"))
    with peeweebed.served(box, database, SOCIAL_TOKEN_KEYS=[KEY]) as bed:
        yield bed


@pytest.mark.parametrize("bed", ["sqlite", "postgresql"], indirect=True)
def test_a_user_connects_logs_in_and_disconnects(bed: PeeweeBed) -> None:
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)

    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    [(email, provider_id, subject)] = bed.accounts()
    assert (email, provider_id) == (EMAIL, "acme")
    assert "Disconnect" in browser.get("/connections").text

    visitor = bed.browser()
    assert visitor.trip("/login/acme").headers["Location"] == "/home"
    assert visitor.who() == EMAIL
    [(_, version, token, *_)] = bed.raw()
    assert version == 2, "the login has renewed it"
    assert token.startswith("social:v1:a:")
    with bed.db.database.connection_context():
        assert bed.Connection.get().access_token.startswith("sbx_")

    answer = browser.delete(f"/connect/acme/{subject}", headers=JSON)
    assert (answer.status_code, bed.accounts()) == (200, [])
    assert bed.browser().trip("/login/acme").headers["Location"] == "/login"


def test_the_model_of_1_6_connects_logs_in_and_disconnects(
    box: ServedSandbox, tmp_path: Path
) -> None:
    database = peewee_beds.sqlite_file(tmp_path)
    with peeweebed.served(box, database, peeweebed.documented, SOCIAL_TOKEN_KEYS=[KEY]) as bed:
        bed.add_user(EMAIL)
        browser = bed.browser().sign_in(EMAIL)
        assert browser.trip("/connect/acme").headers["Location"] == "/connections"
        [(email, provider_id, subject)] = bed.accounts()
        assert (email, provider_id) == (EMAIL, "acme")

        visitor = bed.browser()
        visitor.trip("/login/acme")
        assert visitor.who() == EMAIL
        with database.connection_context():
            row = bed.Connection.get()
            assert row.access_token.startswith("sbx_")
            assert (row.display_name, row.profile_url) == ("ada", "")

        answer = browser.delete(f"/connect/acme/{subject}", headers=JSON)
        assert (answer.status_code, bed.accounts()) == (200, [])


def test_no_token_of_a_trip_can_be_read_in_the_database(bed: PeeweeBed) -> None:
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)
    browser.trip("/connect/acme")
    browser.trip("/connect/plain")
    rows = bed.raw()
    assert len(rows) == 2
    assert "sbx_" not in str(rows)


def test_an_answer_is_spent_once(bed: PeeweeBed) -> None:
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)
    url = browser.at_provider(browser.set_out("/connect/acme"))
    assert browser.get(url).status_code == 303
    assert browser.get(url).headers["Location"] == "/connections"
    assert bed.sandbox.count("acme", "token") == 1
    with bed.db.database.connection_context():
        assert [len(each.key_hash) for each in bed.SpentFlow.select()] == [64]


def test_an_account_that_is_somebody_elses_stays_theirs(bed: PeeweeBed) -> None:
    bed.add_user("owner@example.org")
    bed.add_user(EMAIL)
    bed.browser().sign_in("owner@example.org").trip("/connect/acme")
    before = bed.raw()

    browser = bed.browser().sign_in(EMAIL)
    browser.trip("/connect/acme")

    assert "connected to another account here" in browser.get("/connections").text
    assert bed.raw() == before


# Newcomers.


def test_a_newcomer_whom_the_handler_has_not_saved_is_signed_up(bed: PeeweeBed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        return bed.newcomer(grant.identity.email)

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert (browser.who(), bed.users()) == (ADA, [ADA])
    assert [account[:2] for account in bed.accounts()] == [(ADA, "acme")]


def test_a_newcomer_whom_the_handler_has_saved_is_signed_up(bed: PeeweeBed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        security = bed.app.extensions["security"]
        return security.datastore.create_user(email=grant.identity.email, confirmed_at=bed.now())

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert (browser.who(), bed.users()) == (ADA, [ADA])


def test_a_newcomer_whose_address_is_taken_is_refused_without_a_trace(bed: PeeweeBed) -> None:
    bed.add_user(ADA)

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        return bed.newcomer(grant.identity.email)

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/login"
    assert browser.who() is None
    assert (bed.users(), bed.raw()) == ([ADA], [])


def test_a_newcomer_who_may_not_sign_in_leaves_no_trace(bed: PeeweeBed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        user = bed.newcomer(grant.identity.email)
        user.active = False
        return user

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/login"
    assert (browser.who(), bed.users(), bed.raw()) == (None, [], [])


def test_a_newcomer_whom_the_handler_saves_leaves_no_trace_either(
    bed: PeeweeBed,
) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        security = bed.app.extensions["security"]
        return security.datastore.create_user(email=grant.identity.email, active=False)

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/login"
    assert (browser.who(), bed.users(), bed.raw()) == (None, [], [])


@pytest.mark.parametrize("bed", ["sqlite", "postgresql"], indirect=True)
def test_a_person_who_comes_twice_at_once_is_one_user(bed: PeeweeBed) -> None:
    bed.sandbox["acme"].fail("token", Barrier(2, times=2))
    both = threading.Barrier(2, timeout=120)

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        if not isinstance(bed.db.database, SqliteDatabase):  # which has one writer at a time
            both.wait()
        return bed.newcomer(grant.identity.email)

    def visit(_: int) -> str | None:
        browser = bed.browser()
        browser.trip("/login/acme")
        return browser.who()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(visit, range(2))) == [ADA, ADA]
    assert (bed.users(), len(bed.raw())) == ([ADA], 1)


# Removals.


def test_the_last_way_in_is_kept(bed: PeeweeBed) -> None:
    bed.sandbox["plain"].set("api", id=7)
    bed.add_user(EMAIL, password=None)
    bed.connect(EMAIL, "plain", "7")
    bed.connect(EMAIL, "acme", "5")
    owner = bed.browser()
    owner.trip("/login/plain")

    assert owner.delete("/connect/acme/5", headers=JSON).status_code == 200
    assert owner.delete("/connect/plain/7", headers=JSON).status_code == 409

    assert [account[1:] for account in bed.accounts()] == [("plain", "7")]


def test_the_account_of_a_user_who_is_gone_can_be_connected_again(bed: PeeweeBed) -> None:
    bed.add_user("gone@example.org")
    bed.add_user(EMAIL)  # now, since SQLite gives a number again that is free
    bed.browser().sign_in("gone@example.org").trip("/connect/acme")
    with bed.db.database.connection_context():
        bed.db.database.execute_sql("PRAGMA foreign_keys = OFF")
        bed.User.delete().where(bed.User.email == "gone@example.org").execute()
    assert len(bed.raw()) == 1

    assert bed.browser().trip("/login/acme").headers["Location"] == "/login"
    browser = bed.browser().sign_in(EMAIL)
    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    assert [account[:2] for account in bed.accounts()] == [(EMAIL, "acme")]


# The application's own work.


def test_what_a_view_writes_and_does_not_commit_is_lost_and_the_next_request_works(
    bed: PeeweeBed,
) -> None:
    user = bed.add_user(EMAIL)
    store = bed.app.extensions["social"].datastore

    @bed.app.get("/half")
    def half() -> str:
        account = {"provider_id": "acme", "provider_user_id": "7"}
        store.create_connection(user=user, access_token="t", **account)
        return "half"

    with bed.app.test_client() as client:
        for _ in range(2):
            assert client.get("/half").status_code == 200
    assert bed.raw() == []


def test_what_an_outcome_that_broke_has_written_is_gone_when_an_error_handler_writes(
    bed: PeeweeBed,
) -> None:
    bed.add_user(EMAIL)

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        return bed.newcomer(grant.identity.email)

    @bed.app.errorhandler(ZeroDivisionError)
    def note(error: Exception) -> tuple[str, int]:
        bed.newcomer("noted@example.org").save()
        return "noted", 418

    def break_off(*_: Any, **_more: Any) -> None:
        raise ZeroDivisionError

    with user_logged_in.connected_to(break_off, sender=bed.app):
        assert bed.browser().trip("/login/acme").status_code == 418
    assert (bed.users(), bed.raw()) == ([EMAIL, "noted@example.org"], [])
