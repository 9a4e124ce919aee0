"""Mistakes that look like a database in trouble, and what must not be taken for one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from flask_social import SQLAlchemyConnectionDatastore
from tests.bed import Bed
from tests.declared import shipped
from tests.test_outage import told

TAKEN = "taken@example.org"


def give_twice(bed: Bed) -> None:
    """A mistake: a second user with an address that is taken."""
    bed.db.session.add(bed.User(email=TAKEN, fs_uniquifier="second", active=True))
    bed.db.session.flush()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_key_that_a_newcomer_handler_gives_twice_is_its_mistake(
    make_bed: Callable[..., Bed],
    request: pytest.FixtureRequest,
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = request.getfixturevalue("postgres_database") if kind == "postgresql" else "sqlite://"
    bed, calls = make_bed(database=url), []
    bed.add_user(TAKEN)

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> None:
        calls.append(grant)
        give_twice(bed)

    answer = bed.browser().trip("/login/acme")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert len(calls) == 1, "it is not asked again"
    assert told(bed) == ["login_failed"]
    assert "The newcomer handler raised; the visitor counts as unknown: Integrity" in caplog.text
    assert "INSERT" not in caplog.text
    assert TAKEN not in caplog.text
    assert "second" not in caplog.text


@pytest.mark.parametrize("kind", [IntegrityError, sa.exc.SQLAlchemyError, Exception])
def test_an_error_handler_of_the_application_answers_a_mistake_on_our_routes(
    bed: Bed, kind: type[Exception]
) -> None:
    bed.app.register_error_handler(kind, lambda error: (type(error).__name__, 409))

    @bed.app.before_request
    def fail() -> None:
        if request.path == "/connections":
            give_twice(bed)

    bed.add_user(TAKEN)
    answer = bed.browser().get("/connections")
    assert (answer.status_code, answer.text) == (409, "IntegrityError")
    assert told(bed) == []


def test_a_query_on_a_table_with_an_odd_name_holds_no_file(
    make_bed: Callable[..., Bed], tmp_path: Path
) -> None:
    models: list[Any] = []

    def with_share(db: Any) -> Any:
        class Share(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        models.append(Share)
        return shipped(db)

    bed = make_bed(database=f"sqlite:///{tmp_path}/app.sqlite?timeout=60", declare=with_share)

    @bed.app.before_request
    def look() -> None:
        bed.db.session.scalars(sa.select(models[0])).all()

    assert bed.browser().trip("/login/acme").headers["Location"] == "/login"
    assert told(bed) == ["login_failed"]


class Seen(Exception):
    """The statement that was to be sent."""


def test_a_shared_lock_of_mysql_names_no_table(bed: Bed) -> None:
    engine = sa.create_engine("mysql+pymysql://localhost/never", module=sqlite3)  # any will do
    engine.dialect.supports_for_update_of = True  # type: ignore[attr-defined]
    with Session(engine) as session:

        @sa.event.listens_for(session, "do_orm_execute")
        def stop(state: Any) -> None:
            raise Seen(str(state.statement.compile(dialect=engine.dialect)))

        store = SQLAlchemyConnectionDatastore(session, bed.Connection)
        with pytest.raises(Seen, match="SHARE") as caught:
            store.find_newest(provider_id="acme", provider_user_id="7")
    assert " OF " not in str(caught.value)
