"""Somebody at a browser, unknown to the application, registers with a provider's account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from flask_social.testing import ServedSandbox
from tests.bed import PATIENT
from tests.browser.conftest import PASSWORD, allow, press, serving
from tests.documented.example.application import create_app
from tests.documented.example.models import Connection, User, db

pytestmark = pytest.mark.browser

ADA = "ada@example.org"
PROVIDERS = {"twitter": "Twitter", "facebook": "Facebook", "github": "GitHub"}


@pytest.fixture
def example(providers: ServedSandbox, tmp_path: Path) -> Iterator[tuple[Any, str]]:
    """The application of ``tests/documented/example`` and its address."""
    app = create_app(
        {
            "DEBUG": True,
            "SOCIAL_SANDBOX": providers.url,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/example.sqlite",
            **PATIENT,
        }
    )
    with serving(app) as url:
        yield app, url
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(("provider_id", "name"), PROVIDERS.items())
def test_a_login_that_fails_leads_to_the_form_and_the_next_one_logs_in(
    page: Page, example: tuple[Any, str], provider_id: str, name: str
) -> None:
    app, url = example
    page.goto(f"{url}/login")
    press(page, f"Login with {name}")
    allow(page)
    expect(page).to_have_url(f"{url}/register/{provider_id}?login_failed=1")
    expect(page.get_by_text(f"Nobody here is connected to this {name} account")).to_be_visible()
    expect(page.locator("strong")).to_have_text("Ada Lovelace")

    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    press(page, "Register")
    expect(page).to_have_url(f"{url}/profile")
    expect(page.get_by_text(f"You are logged in as {ADA}.")).to_be_visible()
    expect(page.get_by_text(f"{name}: Ada Lovelace")).to_be_visible()

    press(page, "Log out")
    expect(page).to_have_url(f"{url}/login")
    press(page, f"Login with {name}")
    allow(page)
    expect(page).to_have_url(f"{url}/profile")
    expect(page.get_by_text(f"{name}: Ada Lovelace")).to_be_visible()
    with app.app_context():
        query = db.select(User.email, Connection.provider_id).join(Connection.user)
        assert [tuple(row) for row in db.session.execute(query)] == [(ADA, provider_id)]
