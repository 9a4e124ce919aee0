"""A071: a connection whose user is gone, as a database without the cascade leaves it behind."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.bed import Bed

U1, U2 = "one@example.org", "two@example.org"


def test_A071_an_orphan_signs_nobody_in_and_makes_room_for_who_connects(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.add_user(U2)  # before: SQLite gives the key of the last row anew
    with bed.app.app_context():
        bed.db.session.execute(sa.delete(bed.User).where(bed.User.email == U1))
        bed.db.session.commit()
    bed.told.clear()

    stranger = bed.browser()
    assert stranger.trip("/login/acme").headers["Location"] == "/login"
    assert stranger.who() is None
    browser = bed.browser().sign_in(U2)
    browser.trip("/connect/acme")

    assert "account is connected." in browser.get("/connections").text
    assert [name for name, _ in bed.told] == ["login_failed", "connection_created"]
    assert [owner for owner, *_ in bed.accounts()] == [U2]
    assert len(bed.rows()) == 1
    assert bed.browser().trip("/login/acme").headers["Location"] == "/home"


def test_A071_an_orphan_makes_room_for_a_newcomer(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.add_user(U2)  # before: SQLite gives the key of the last row anew
    with bed.app.app_context():
        bed.db.session.execute(sa.delete(bed.User).where(bed.User.email == U1))
        bed.db.session.commit()
    bed.told.clear()

    @bed.social.newcomer_handler
    def known(grant: Any) -> Any:
        return bed.app.extensions["security"].datastore.find_user(email=U2)

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert browser.who() == U2
    assert [name for name, _ in bed.told] == ["connection_created", "login_completed"]
    assert [owner for owner, *_ in bed.accounts()] == [U2]
    assert len(bed.rows()) == 1
