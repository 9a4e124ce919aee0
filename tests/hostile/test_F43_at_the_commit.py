"""F43: a user is deleted at the very moment of the commit, where the database minds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.bed import Bed

U1 = "one@example.org"
MakeBed = Callable[..., Bed]


def test_F43_a_user_deleted_between_the_last_look_and_the_row_gets_none(
    make_bed: MakeBed, postgres_database: str
) -> None:
    bed = make_bed(database=postgres_database)
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/plain"))

    def delete(session: Session, *rest: Any) -> None:
        if any(isinstance(row, bed.Connection) for row in session.new):
            with bed.db.engine.begin() as connection:
                connection.execute(sa.delete(bed.User.__table__))

    sa.event.listen(bed.db.session, "before_flush", delete)
    answer = browser.get(callback)
    sa.event.remove(bed.db.session, "before_flush", delete)

    assert answer.status_code in (303, 400)
    assert (bed.rows(), bed.users()) == ([], [])
    assert bed.signals("connection_created") == []
    bed.add_user(U1)
    again = bed.browser().sign_in(U1)
    assert again.trip("/connect/plain").headers["Location"] == "/connections"
