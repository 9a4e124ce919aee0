"""F56: a login needs a mail to be sent, and the mail server is down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask_mail import Mail
from flask_security import UserMixin

from tests.bed import TWO_FACTOR, Bed
from tests.faulty import refusing

U1 = "one@example.org"
BY_MAIL = {**TWO_FACTOR, "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["email"]}
MakeBed = Callable[..., Bed]


@contextmanager
def no_mail(bed: Bed) -> Iterator[None]:
    """A mail server at an address that refuses connections."""
    with refusing() as port:
        bed.app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_SUPPRESS_SEND=False)
        Mail(bed.app)
        yield


@pytest.fixture
def guarded(make_bed: MakeBed) -> Iterator[Bed]:
    """U1 is connected, and has a second factor that comes by mail, which cannot be sent."""
    bed = make_bed(**BY_MAIL, SECURITY_EMAIL_SENDER="app@example.org")
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.told.clear()
    with bed.app.app_context():
        user = bed.db.session.scalar(sa.select(bed.User).where(bed.User.email == U1))
        assert isinstance(user, UserMixin)
        user.tf_primary_method = "email"
        user.tf_totp_secret = bed.app.extensions["security"].totp_factory.generate_totp_secret()
        bed.db.session.commit()
    with no_mail(bed):
        yield bed


def test_F56_a_code_that_cannot_be_sent_leads_back_to_the_login_page(
    guarded: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    [before] = guarded.rows()
    browser = guarded.browser()

    with caplog.at_level(logging.WARNING, "flask_social"):
        answer = browser.trip("/login/acme")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
    assert browser.who() is None
    assert "code" in browser.get("/login").text.lower()
    assert guarded.signals("login_completed") == []
    [after] = guarded.rows()
    assert after.version == before.version + 1, "the account was recognised, and that is written"
    assert "could not be sent" in caplog.text


def test_F56_a_json_client_gets_a_503_and_no_500(guarded: Bed) -> None:
    browser = guarded.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))

    answer = browser.get(callback, headers={"Accept": "application/json"})

    assert answer.status_code == 503
    assert answer.json()["response"]["errors"]
    assert browser.who() is None


def test_F56_once_mail_works_again_so_does_the_login(guarded: Bed) -> None:
    browser = guarded.browser()
    browser.trip("/login/acme")
    guarded.app.extensions["mail"].suppress = True  # handed over, and sent nowhere

    answer = browser.trip("/login/acme")

    assert answer.headers["Location"].startswith("/tf-validate")


def test_F56_a_login_that_needs_no_mail_does_not_ask_for_it(make_bed: MakeBed) -> None:
    bed = make_bed(**BY_MAIL, SECURITY_EMAIL_SENDER="app@example.org")
    bed.add_user(U1)
    with no_mail(bed):
        browser = bed.browser().sign_in(U1)
        assert browser.trip("/connect/acme").headers["Location"] == "/connections"
        stranger = bed.browser()
        answer = stranger.trip("/login/acme")
        assert not answer.headers["Location"].startswith("/login")


def test_F56_a_newcomer_handler_whose_mail_fails_registers_nobody(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    security: Any = bed.app.extensions["security"]

    @bed.social.newcomer_handler
    def handler(grant: Any) -> Any:
        user = security.datastore.create_user(email="new@example.org")
        security.mail_util.send_mail(
            "welcome", "Hello", user.email, "app@example.org", "Hello", None
        )
        return user

    with no_mail(bed):
        browser = bed.browser()
        answer = browser.trip("/login/acme")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert (bed.users(), bed.rows(), browser.who()) == ([], [], None)
    assert "The newcomer handler raised" in caplog.text
