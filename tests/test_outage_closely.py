"""Where the database's trouble ends: the application's own code, a visitor gone, a commit done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, abort, request
from flask_login import user_logged_in
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from flask_social import Denied, signals
from flask_social.sandbox.faults import Fault
from tests.bed import Bed
from tests.test_outage import JSON, U1, locking, told


@pytest.fixture
def rival(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else with the application's file open."""
    yield from locking(tmp_path / "app.sqlite")


@pytest.fixture
def bed(make_bed: Callable[..., Bed], tmp_path: Path, rival: sqlite3.Connection) -> Bed:
    """An application that waits for no lock."""
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.sqlite?timeout=0")
    bed.add_user(U1)
    return bed


# The application's own code.


def test_a_view_s_own_trouble_is_its_own(bed: Bed, rival: sqlite3.Connection) -> None:
    acme = bed.app.extensions["social"].acme
    bed.app.register_error_handler(OperationalError, lambda error: ("theirs", 507))

    @bed.app.post("/theirs")
    def out() -> Any:
        return acme.authorize("/back")

    @bed.app.get("/back")
    @acme.authorized_handler
    def back(answer: Any) -> Any:
        rival.execute("BEGIN IMMEDIATE")
        bed.db.session.execute(sa.update(bed.User).values(username="seen"))

    answer = bed.browser().trip("/theirs")
    rival.execute("ROLLBACK")
    assert (answer.status_code, answer.text) == (507, "theirs")
    assert told(bed) == []


def test_a_page_of_the_application_s_own_that_asks_the_database_is_replaced(
    bed: Bed, rival: sqlite3.Connection
) -> None:
    def menu() -> Any:
        return bed.db.session.scalars(sa.select(bed.User)).all()

    theirs = DictLoader({"social/away.html": "theirs {{ menu() }}"})
    bed.app.jinja_env.loader = ChoiceLoader([theirs, bed.app.jinja_env.loader])  # type: ignore[list-item]
    bed.app.jinja_env.globals["menu"] = menu
    browser = bed.browser().sign_in(U1)
    rival.execute("BEGIN EXCLUSIVE")
    answer = browser.get("/connections")
    rival.execute("ROLLBACK")
    assert answer.status_code == 503
    assert "nothing was changed" in answer.text
    assert told(bed) == ["store_failed"]


@pytest.mark.parametrize("refused_by", ["nobody is connected", "a grant checker"])
def test_a_handler_that_is_led_to_may_abort(bed: Bed, refused_by: str) -> None:
    class Banned(Exception):
        pass

    bed.app.register_error_handler(Banned, lambda error: abort(410))

    @signals.login_failed.connect_via(bed.app)
    def receiver(sender: Flask, **arguments: Any) -> None:
        raise Banned

    @bed.social.grant_checker
    def check(grant: Any) -> None:
        if refused_by == "a grant checker":
            raise Denied("refused")

    assert bed.browser().trip("/login/acme").status_code == 410


# Somebody who is gone meanwhile.


class Meanwhile(Fault):
    """Something happens while the provider is asked, and the provider fails."""

    def __init__(self, happen: Callable[[], object]) -> None:
        self.happen = happen

    def before(self, request: Any) -> Response:
        self.happen()
        return Response("no", 500)


@pytest.mark.parametrize("by", ["provider", "checker", "nobody"])
def test_a_visitor_who_is_deleted_on_the_way_is_nobody(
    bed: Bed, rival: sqlite3.Connection, by: str
) -> None:
    browser = bed.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/plain"))

    @bed.social.grant_checker
    def check(grant: Any) -> None:
        if by == "checker":
            rival.execute('DELETE FROM "user"')
            raise Denied("refused")

    if by == "provider":
        bed.sandbox["plain"].fail("token", Meanwhile(lambda: rival.execute('DELETE FROM "user"')))
    if by == "nobody":
        rival.execute('DELETE FROM "user"')
    answer = browser.get(callback)
    names = {
        "provider": "provider_failed",
        "checker": "connection_failed",
        "nobody": "flow_rejected",
    }
    assert (
        answer.status_code in {"provider": [502, 503], "checker": [303], "nobody": [303, 400]}[by]
    )
    assert told(bed) == [names[by]]
    assert (bed.rows(), browser.who()) == ([], None)


@pytest.mark.parametrize("what", ["removal", "connect"])
def test_a_visitor_who_is_deleted_before_it_is_run_again_is_nobody(
    bed: Bed, rival: sqlite3.Connection, what: str
) -> None:
    if what == "removal":
        bed.connect(U1, "acme", "5")
    browser = bed.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/plain"))
    with bed.app.app_context():
        engine = bed.db.engine

    def delete(*_: Any) -> None:
        rival.execute("BEGIN IMMEDIATE")
        rival.execute('DELETE FROM "user"')

    @sa.event.listens_for(engine, "rollback")
    def end(connection: Any) -> None:
        if rival.in_transaction:
            rival.execute("COMMIT")

    if what == "removal":
        delete()
        assert browser.delete("/connect/acme/5", headers=JSON).status_code == 404
    else:
        sa.event.listen(bed.db.session, "before_flush", delete, once=True)
        answer = browser.get(callback)
        assert answer.headers["Location"] == "/login"
    assert [row.provider_id for row in bed.rows()] == (["acme"] if what == "removal" else [])


# What is done already, and what is undone.


def test_what_is_committed_is_not_run_again(bed: Bed, rival: sqlite3.Connection) -> None:
    meetings = [True, False]

    @bed.app.extensions["security"].render_json
    def render(payload: Any, code: int, *_: Any) -> Any:
        if request.endpoint == "social.connect_callback" and meetings.pop(0):
            rival.execute("BEGIN EXCLUSIVE")
            try:
                bed.db.session.scalars(sa.select(bed.User)).all()
            finally:
                rival.execute("ROLLBACK")
        return payload, code

    browser = bed.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/acme"))
    assert browser.get(callback, headers=JSON).status_code == 503
    assert told(bed) == ["connection_created", "store_failed"]
    assert len(bed.rows()) == 1


def test_whoever_was_signed_in_by_halves_is_nobody_again(bed: Bed) -> None:
    present: list[bool] = []

    @bed.app.after_request
    def look(response: Any) -> Any:
        from flask_security import current_user

        present.append(bool(current_user.is_authenticated))
        return response

    def lose_the_row(*_: Any) -> None:
        [row] = bed.db.session.scalars(sa.select(bed.Connection)).all()
        bed.db.session.execute(
            sa.delete(bed.Connection), execution_options={"synchronize_session": False}
        )
        row.rank = 9

    bed.browser().sign_in(U1).trip("/connect/acme")
    told(bed)
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    sa.event.listen(bed.db.session, "before_commit", lose_the_row, once=True)
    answer = browser.get(callback)
    assert answer.status_code == 400
    assert told(bed) == ["flow_rejected"]
    assert present[-1] is False
    assert browser.who() is None


def test_an_error_handler_commits_nothing_of_an_outcome_that_broke(bed: Bed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        return bed.User(email=grant.identity.email, fs_uniquifier="new", active=True)

    @bed.app.errorhandler(ZeroDivisionError)
    def note(error: Exception) -> tuple[str, int]:
        bed.db.session.add(bed.User(email="noted@example.org", fs_uniquifier="noted", active=True))
        bed.db.session.commit()
        return "noted", 418

    def break_off(*_: Any, **_more: Any) -> None:
        raise ZeroDivisionError

    with user_logged_in.connected_to(break_off, sender=bed.app):
        assert bed.browser().trip("/login/acme").status_code == 418
    assert (bed.users(), bed.rows()) == ([U1, "noted@example.org"], [])
