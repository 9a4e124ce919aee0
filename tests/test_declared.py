"""Applications take over tables from those that are over, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests import declared
from tests.bed import UNSERVED, Bed, end, make_app, usual_config


@pytest.fixture(autouse=True)
def _none_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "FREE", [])


def make(**given: Any) -> Bed:
    return make_app(usual_config("http://localhost:1/"), **given)


def ended(bed: Bed) -> Any:
    """The class of users of *bed*, which is over."""
    UNSERVED.remove(bed)
    end(bed)
    return bed.User


def test_the_next_application_has_the_tables_and_none_of_the_rows() -> None:
    bed = make()
    bed.add_user("ann@example.org")
    bed.connect("ann@example.org", "acme", "7")
    before = ended(bed)
    after = make()
    assert after.User is before
    assert (after.users(), after.rows()) == ([], [])
    after.add_user("bob@example.org")
    assert after.user_id("bob@example.org") == 1


def test_applications_of_one_time_have_tables_of_their_own() -> None:
    one, other = make(), make()
    assert one.User is not other.User
    one.add_user("ann@example.org")
    assert other.users() == []


def test_another_database_has_the_same_tables(tmp_path: Path, postgres_database: str) -> None:
    before = ended(make(database=postgres_database))
    for database in (f"sqlite:///{tmp_path}/bed.sqlite", "sqlite://", "sqlite://"):
        bed = make(database=database)
        bed.add_user("ann@example.org")
        assert (bed.users(), ended(bed)) == (["ann@example.org"], before)


def hang_on_a_model(bed: Bed) -> None:
    bed.User.is_locked = True


def hang_on_a_mapper(bed: Bed) -> None:
    sa.event.listen(bed.Connection, "before_update", lambda *_: None)


def hang_on_sessions(bed: Bed) -> None:
    sa.event.listen(bed.db.session, "before_flush", lambda *_: None)


def hang_on_the_engine(bed: Bed) -> None:
    with bed.app.app_context():
        sa.event.listen(bed.db.engine, "begin", lambda _: None)


def leave_a_session_open(bed: Bed) -> None:
    bed.db.session.registry.registry["another context"] = bed.db.session.session_factory()


@pytest.mark.parametrize(
    "hang",
    [hang_on_a_model, hang_on_a_mapper, hang_on_sessions, hang_on_the_engine, leave_a_session_open],
)
def test_what_a_test_hung_something_on_is_not_taken_over(hang: Callable[[Bed], None]) -> None:
    bed = make()
    hang(bed)
    before = ended(bed)
    assert declared.FREE == []
    assert make().User is not before


def test_a_model_of_the_test_s_own_is_not_taken_over() -> None:
    def own(db: Any) -> Any:
        return declared.shipped(db)

    ended(make(declare=own))
    assert declared.FREE == []
