"""The registration of 1.6's applications, which begins with a login that fails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from flask_social.testing import ServedSandbox
from tests.bed import PASSWORD, UNSERVED, Bed, Browser, served
from tests.documented.example.application import create_app
from tests.documented.example.models import Connection, User, db
from tests.documented.forms import forms, press

ADA, GRACE = "ada@example.org", "grace@example.org"
PROVIDERS = {"twitter": "Twitter", "facebook": "Facebook", "github": "GitHub"}


@pytest.fixture
def example(box: ServedSandbox, tmp_path: Path) -> Iterator[Bed]:
    """The application, served."""
    app: Any = create_app(
        {
            "TESTING": True,
            "SOCIAL_SANDBOX": box.url,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/example.sqlite",
        }
    )
    bed = Bed(app, app.social, db, User, Connection, None, sandbox=box)
    UNSERVED.append(bed)
    with served(bed):
        yield bed


def log_in_with(browser: Browser, name: str) -> requests.Response:
    """Press the button of the provider called *name*, say yes there, and come back."""
    away = press(browser, browser.get("/login"), f"Login with {name}")
    return browser.get(browser.at_provider(away.headers["Location"]))


def register(browser: Browser, address: str, email: str) -> requests.Response:
    """Fill in the form at *address*."""
    typed = {"email": email, "password": PASSWORD, "again": PASSWORD}
    return press(browser, browser.get(address), "Register", **typed)


@pytest.mark.parametrize(("provider_id", "name"), PROVIDERS.items())
def test_a_stranger_registers_with_the_account_and_logs_in_with_it_ever_after(
    example: Bed, provider_id: str, name: str
) -> None:
    browser = example.browser()
    failed = log_in_with(browser, name)
    to = f"/register/{provider_id}?login_failed=1"
    assert (failed.status_code, failed.headers["Location"]) == (302, to)
    page = browser.get(to).text
    assert f"Nobody here is connected to this {name} account yet." in page
    assert "<strong>Ada Lovelace</strong>" in page
    assert example.rows() == []

    done = register(browser, to, ADA)
    assert (done.status_code, done.headers["Location"]) == (302, "/profile")
    profile = browser.get("/profile").text
    assert f"You are logged in as {ADA}" in profile
    assert f"{name}: Ada Lovelace" in profile
    assert [row[:2] for row in example.accounts()] == [(ADA, provider_id)]
    assert example.signals("connection_created")[0]["email"] == ADA

    browser = example.browser()
    assert log_in_with(browser, name).headers["Location"] == "/profile"
    assert f"You are logged in as {ADA}" in browser.get("/profile").text
    assert len(example.rows()) == 1
    assert len(example.signals("login_failed")) == 1


@pytest.mark.parametrize(
    ("provider_id", "path"), [("facebook", "me?fields=name"), ("github", "user")]
)
def test_the_token_that_waited_in_the_session_calls_the_api(
    example: Bed, provider_id: str, path: str
) -> None:
    browser = example.browser()
    log_in_with(browser, PROVIDERS[provider_id])
    register(browser, f"/register/{provider_id}", ADA)
    with example.app.app_context():
        [user] = db.session.scalars(db.select(User))
        api = example.app.extensions["social"].providers[provider_id].get_api(user)
        answer = api.get(path)
    assert answer.status_code == 200
    assert answer.json()["name"] == "Ada Lovelace"


@pytest.mark.parametrize(("provider_id", "name"), PROVIDERS.items())
def test_the_session_of_who_is_still_to_register_shows_no_token(
    example: Bed, provider_id: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = example.browser()
    with caplog.at_level(logging.DEBUG):
        log_in_with(browser, name)
    shown = what_anybody_reads(browser.http.cookies["session"], example.app)
    register(browser, "/register", ADA)
    [row] = example.rows()
    assert (row.provider_id, bool(row.secret)) == (provider_id, provider_id == "twitter")
    assert "Ada Lovelace" in shown
    for token in filter(None, (row.access_token, row.secret)):
        assert token not in shown
        assert token not in caplog.text
    assert "failed_login_connection" not in what_anybody_reads(
        browser.http.cookies["session"], example.app
    )


def what_anybody_reads(cookie: str, app: Flask) -> str:
    """The content of a session cookie, whose signature hides nothing."""
    reader = Flask("reader")
    reader.secret_key = app.secret_key
    interface: Any = reader.session_interface
    return repr(interface.get_signing_serializer(reader).loads(cookie))


def test_who_registers_elsewhere_in_between_is_connected_to_the_account_that_waits(
    example: Bed,
) -> None:
    browser = example.browser()
    log_in_with(browser, "GitHub")
    assert "Ada Lovelace" in browser.get("/register").text
    assert browser.get("/register/nobody").status_code == 404
    register(browser, "/register", ADA)
    assert [row[:2] for row in example.accounts()] == [(ADA, "github")]


def test_without_a_login_that_failed_somebody_registers_with_a_password_alone(
    example: Bed,
) -> None:
    browser = example.browser()
    assert "will be connected" not in browser.get("/register").text
    assert register(browser, "/register", GRACE).headers["Location"] == "/profile"
    buttons = {f"Connect {each}" for each in PROVIDERS.values()}
    assert forms(browser.get("/profile")).keys() == {*buttons, "Log out"}
    assert browser.get("/login").headers["Location"] == "/profile"
    again = example.browser()
    page = again.get("/login")
    done = press(again, page, "Login", email=GRACE, password=PASSWORD)
    assert (done.status_code, done.headers["Location"]) == (302, "/profile")


def test_a_cancelled_login_leads_back_to_the_login_page(example: Bed) -> None:
    example.sandbox.deny()
    browser = example.browser()
    back = log_in_with(browser, "GitHub")
    assert (back.status_code, back.headers["Location"]) == (303, "/authenticate")
    assert "You cancelled at GitHub." in browser.get("/authenticate").text
    assert "will be connected" not in browser.get("/register").text
