"""A071 and A072: a social login is never weaker than the password form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask_security import UserMixin
from passlib.totp import TOTP

from flask_social import clock
from tests.bed import PASSWORD, TWO_FACTOR, Bed, Browser

U1 = "one@example.org"


def linked(bed: Bed, **columns: Any) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.sandbox.reset_counters()
    bed.told.clear()
    bed.change_user(U1, **columns)


def password_form_says(bed: Bed) -> str:
    answer = bed.browser().post("/login", json={"email": U1, "password": PASSWORD})
    assert answer.status_code == 400
    return str(answer.json()["response"]["errors"][0])


@pytest.mark.parametrize("state", ["inactive", "unconfirmed", "locked"])
def test_A071_inactive_locked_unconfirmed(
    make_bed: Callable[..., Bed], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = make_bed(SECURITY_CONFIRMABLE=True, SECURITY_SEND_REGISTER_EMAIL=False)
    columns: dict[str, dict[str, Any]] = {
        "inactive": {"active": False},
        "unconfirmed": {"confirmed_at": None},
        "locked": {},
    }
    linked(bed, **columns[state])
    if state == "locked":

        def is_locked(self: Any, problems: list[str] | None = None) -> bool:
            if problems is not None:
                problems.append("This account is locked for an hour.")
            return True

        bed.User.is_locked = is_locked
    [before] = bed.rows()
    browser = bed.browser()

    answer = browser.trip("/login/acme")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert browser.who() is None
    assert password_form_says(bed) in browser.get("/login").text
    assert [told["provider"].id for told in bed.signals("login_failed")] == ["acme"]
    assert bed.signals("login_completed") == []
    [after] = bed.rows()
    assert (after.access_token, after.version) == (before.access_token, before.version)


def test_A071_deleted_at_the_database(bed: Bed) -> None:
    linked(bed)
    with bed.app.app_context():
        bed.db.session.execute(sa.delete(bed.User))
        bed.db.session.commit()
    [before] = bed.rows()
    browser = bed.browser()

    answer = browser.trip("/login/acme")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "No account here is connected" in browser.get("/login").text
    assert browser.who() is None
    assert len(bed.signals("login_failed")) == 1
    [after] = bed.rows()
    assert (after.access_token, after.version) == (before.access_token, before.version)
    bed.add_user(U1)
    assert bed.browser().sign_in(U1).who() == U1, "and the next ordinary login works"


def test_A071_deactivated_while_at_the_provider(bed: Bed) -> None:
    linked(bed)
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    bed.change_user(U1, active=False)

    browser.get(callback)

    assert browser.who() is None
    assert bed.signals("login_completed") == []


@pytest.fixture
def guarded(make_bed: Callable[..., Bed]) -> tuple[Bed, TOTP]:
    """U1 has a connection and an authenticator, whose clock and the application's stand still."""
    bed = make_bed(**TWO_FACTOR, SECURITY_TRACKABLE=True)
    linked(bed)
    with bed.app.app_context():
        factory, moment = bed.app.extensions["security"].totp_factory, clock.now()
        factory._totp.now = staticmethod(lambda: moment)
        secret = factory.generate_totp_secret()
        user = bed.db.session.scalar(sa.select(bed.User).where(bed.User.email == U1))
        assert isinstance(user, UserMixin)
        user.tf_primary_method = "authenticator"
        user.tf_totp_secret = secret
        bed.db.session.commit()
        totp = factory._totp.from_source(secret)
    return bed, totp


def enter_code(browser: Browser, totp: TOTP) -> None:
    code = totp.generate().token
    answer = browser.post("/tf-validate", json={"code": code})
    assert answer.status_code == 200, answer.text


def test_A072_second_factor(guarded: tuple[Bed, TOTP]) -> None:
    bed, totp = guarded
    browser = bed.browser()

    answer = browser.trip("/login/acme", next="/there")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/tf-validate")
    assert "there" in answer.headers["Location"]
    assert browser.who() is None, "nobody is in before the code"
    assert bed.signals("login_completed") == []

    enter_code(browser, totp)

    assert browser.who() == U1
    [told] = bed.signals("login_completed")
    assert (told["provider"].id, told["email"]) == ("acme", U1)


def test_A072_the_event_is_recorded_once_after_the_factor(guarded: tuple[Bed, TOTP]) -> None:
    bed, totp = guarded
    before = logins(bed)
    browser = bed.browser()

    browser.trip("/login/acme")
    assert logins(bed) == before
    enter_code(browser, totp)
    assert logins(bed) == before + 1
    browser.post("/tf-validate", json={"code": totp.generate().token})
    assert logins(bed) == before + 1
    assert len(bed.signals("login_completed")) == 1


def logins(bed: Bed) -> int:
    """How often U1 has signed in, as Flask-Security counts."""
    with bed.app.app_context():
        query = sa.select(bed.User.login_count).where(bed.User.email == U1)
        return bed.db.session.scalar(query) or 0


def test_A072_no_cookie_is_a_way_around_the_code(guarded: tuple[Bed, TOTP]) -> None:
    bed, _ = guarded
    browser = bed.browser()

    browser.trip("/login/acme", remember="yes")

    assert "remember_token" not in browser.http.cookies.get_dict()
    for path in ("/whoami", "/connections", "/connect/plain"):
        answer = browser.get(path, headers={"Accept": "application/json"})
        assert answer.status_code in (400, 401), path
    assert browser.post("/connect/plain").headers["Location"].startswith("/login")
    browser.trip("/login/acme", remember="yes")
    assert browser.who() is None, "neither does a second login without a code"


@pytest.mark.parametrize(("remember", "remembered"), [("yes", True), ("no", False)])
def test_A072_remember_me_survives_the_second_factor(
    make_bed: Callable[..., Bed], guarded: tuple[Bed, TOTP], remember: str, remembered: bool
) -> None:
    bed, totp = guarded
    bed.app.config["SECURITY_DEFAULT_REMEMBER_ME"] = True
    browser = bed.browser()
    browser.trip("/login/acme", remember=remember)

    enter_code(browser, totp)

    assert ("remember_token" in browser.http.cookies.get_dict()) is remembered


def test_A072_a_later_password_login_is_not_taken_for_a_social_one(
    guarded: tuple[Bed, TOTP],
) -> None:
    bed, _ = guarded
    bed.add_user("two@example.org")
    browser = bed.browser()
    browser.trip("/login/acme")

    browser.sign_in("two@example.org")

    assert browser.who() == "two@example.org"
    assert bed.signals("login_completed") == []


def test_A072_a_pending_second_factor_of_somebody_else_is_dropped(
    guarded: tuple[Bed, TOTP],
) -> None:
    bed, totp = guarded
    bed.add_user("two@example.org")
    bed.sandbox.login_as("grace")
    bed.browser().sign_in("two@example.org").trip("/connect/plain")
    browser = bed.browser()
    bed.sandbox.login_as("ada")
    browser.trip("/login/acme")  # U1's second factor is due
    bed.sandbox.login_as("grace")
    browser.trip("/login/plain")
    assert browser.who() == "two@example.org"

    code = totp.generate().token
    browser.post("/tf-validate", json={"code": code})

    assert browser.who() != U1
    assert [told["email"] for told in bed.signals("login_completed")] == ["two@example.org"]


def test_A072_remember_me_without_a_second_factor(bed: Bed) -> None:
    linked(bed)
    for remember, remembered in (("yes", True), ("no", False)):
        browser = bed.browser()
        browser.trip("/login/acme", remember=remember)
        assert ("remember_token" in browser.http.cookies.get_dict()) is remembered
