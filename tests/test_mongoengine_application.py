"""An application with MongoEngine for users and connections: whole trips through the sandbox."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import mongomock
import pytest
from flask import url_for

from flask_social.testing import ServedSandbox
from tests import mongobed
from tests.mongobed import MongoBed

EMAIL, ADA = "user@example.org", "ada@example.com"
JSON = {"Accept": "application/json"}
KEY = "a:" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def bed(box: ServedSandbox) -> Iterator[MongoBed]:
    client = {"mongo_client_class": mongomock.MongoClient}
    with mongobed.served(box, client, SOCIAL_TOKEN_KEYS=[KEY]) as bed:
        yield bed


def test_a_user_connects_logs_in_and_disconnects(bed: MongoBed) -> None:
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)

    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    [(email, provider_id, subject)] = bed.accounts()
    assert (email, provider_id) == (EMAIL, "acme")
    assert "Disconnect" in browser.get("/connections").text

    visitor = bed.browser()
    assert visitor.trip("/login/acme").headers["Location"] == "/home"
    assert visitor.who() == EMAIL
    [row] = bed.Connection.objects
    assert row.version == 2, "the login has renewed it"
    assert row.access_token.startswith("sbx_")

    answer = browser.delete(f"/connect/acme/{subject}", headers=JSON)
    assert (answer.status_code, bed.accounts()) == (200, [])
    assert bed.browser().trip("/login/acme").headers["Location"] == "/login"


def test_no_token_of_a_trip_can_be_read_in_the_database(bed: MongoBed) -> None:
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)
    browser.trip("/connect/acme")
    browser.trip("/connect/plain")
    for document in bed.raw():
        assert document["access_token"].startswith("social:v1:a:")
        assert "sbx_" not in str(document)


def test_an_answer_is_spent_once(bed: MongoBed) -> None:
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)
    url = browser.at_provider(browser.set_out("/connect/acme"))
    assert browser.get(url).status_code == 303
    assert browser.get(url).headers["Location"] == "/connections"
    assert bed.sandbox.count("acme", "token") == 1
    assert [len(str(each.key_hash)) for each in bed.SpentFlow.objects] == [64]


def test_an_account_that_is_somebody_elses_stays_theirs(bed: MongoBed) -> None:
    bed.add_user("owner@example.org")
    bed.add_user(EMAIL)
    bed.browser().sign_in("owner@example.org").trip("/connect/acme")
    before = bed.raw()

    browser = bed.browser().sign_in(EMAIL)
    browser.trip("/connect/acme")

    assert "connected to another account here" in browser.get("/connections").text
    assert bed.raw() == before


# Newcomers.


def test_a_newcomer_whom_the_handler_has_not_saved_is_signed_up(bed: MongoBed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        return bed.newcomer(grant.identity.email)

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert browser.who() == ADA
    assert [account[:2] for account in bed.accounts()] == [(ADA, "acme")]


def test_a_newcomer_whom_the_handler_has_saved_is_signed_up(bed: MongoBed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        security = bed.app.extensions["security"]
        return security.datastore.create_user(email=grant.identity.email, confirmed_at=bed.now())

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert (browser.who(), bed.users()) == (ADA, [ADA])


def test_a_newcomer_whose_address_is_taken_is_refused_without_a_trace(bed: MongoBed) -> None:
    bed.add_user(ADA)

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        return bed.newcomer(grant.identity.email)

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/login"
    assert browser.who() is None
    assert (bed.users(), bed.raw()) == ([ADA], [])


def test_a_newcomer_who_may_not_sign_in_leaves_no_trace(bed: MongoBed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        user = bed.newcomer(grant.identity.email)
        user.active = False
        return user

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/login"
    assert (browser.who(), bed.users(), bed.raw()) == (None, [], [])


# Removals.


def test_the_last_way_in_is_kept(bed: MongoBed) -> None:
    bed.sandbox["plain"].set("api", id=7)
    bed.add_user(EMAIL, password=None)
    bed.connect(EMAIL, "plain", "7")
    bed.connect(EMAIL, "acme", "5")
    owner = bed.browser()
    owner.trip("/login/plain")

    assert owner.delete("/connect/acme/5", headers=JSON).status_code == 200
    assert owner.delete("/connect/plain/7", headers=JSON).status_code == 409

    assert [account[1:] for account in bed.accounts()] == [("plain", "7")]


def test_the_account_of_a_user_who_is_gone_can_be_connected_again(bed: MongoBed) -> None:
    bed.add_user("gone@example.org")
    bed.browser().sign_in("gone@example.org").trip("/connect/acme")
    bed.User._get_collection().delete_one({"email": "gone@example.org"})  # past MongoEngine's rule
    bed.add_user(EMAIL)

    assert bed.browser().trip("/login/acme").headers["Location"] == "/login"
    browser = bed.browser().sign_in(EMAIL)
    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    assert [account[:2] for account in bed.accounts()] == [(EMAIL, "acme")]


def test_a_context_for_making_addresses_ends_no_work_of_whoever_is_around_it(
    bed: MongoBed,
) -> None:
    user = bed.add_user(EMAIL)
    store = bed.app.extensions["social"].datastore
    store.create_connection(user=user, provider_id="acme", provider_user_id="7", access_token="t")
    with bed.app.test_request_context():
        assert url_for("social.login", provider_id="acme") == "/login/acme"
    store.commit()
    assert len(bed.accounts()) == 1
