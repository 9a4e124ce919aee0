"""The back button, the forward button, a double click: a trip that is over stays over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from flask_social.testing import ServedSandbox
from tests.browser.conftest import (
    PASSWORD,
    Demo,
    Visitor,
    allow,
    connect,
    log_out,
    press,
    register,
)

pytestmark = pytest.mark.browser

ADA, GRACE = "ada@example.com", "grace@example.com"


def ready(page: Page, demo: Demo, providers: ServedSandbox) -> None:
    """Ada has connected Google, and looks at the login page."""
    register(page, demo)
    connect(page, "Google")
    log_out(page, demo)
    providers.reset_counters()


def exchanges(providers: ServedSandbox) -> int:
    return providers.count("google", "token")


def test_F30_a_double_click_on_the_button(page: Page, demo: Demo, providers: ServedSandbox) -> None:
    ready(page, demo, providers)
    page.get_by_role("button", name="Login with Google").dblclick()
    allow(page)
    expect(page).to_have_url(f"{demo.url}/profile")
    expect(page.get_by_text(f"You are logged in as {ADA}")).to_be_visible()
    assert exchanges(providers) == 1
    assert demo.connections() == [(ADA, "google")]


@pytest.mark.parametrize("action", ["Login with Google", "Connect Google"])
def test_F33_back_to_the_provider_and_forward_again(
    page: Page, demo: Demo, providers: ServedSandbox, action: str
) -> None:
    ready(page, demo, providers)
    if action == "Login with Google":
        press(page, action)
        allow(page)
    else:
        log_in_by_password(page, demo, ADA)
        connect_again(page)
    expect(page).to_have_url(f"{demo.url}/profile")
    assert exchanges(providers) == 1
    page.go_back()
    allow(page)  # a new code for a state that is spent
    expect(page).to_have_url(f"{demo.url}/profile")
    expect(page.get_by_text(f"You are logged in as {ADA}")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    page.go_forward()
    expect(page).to_have_url(f"{demo.url}/profile")
    assert exchanges(providers) == 1
    assert demo.connections() == [(ADA, "google")]


def log_in_by_password(page: Page, demo: Demo, email: str) -> None:
    page.goto(f"{demo.url}/login")
    page.get_by_label("Email Address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Login")
    expect(page.get_by_text(f"You are logged in as {email}")).to_be_visible()


def connect_again(page: Page) -> None:
    """The same account once more, which the profile has no button for any more."""
    page.goto(page.url.replace("/profile", "/connect/google"))
    press(page, "Continue to Google")
    allow(page)


def test_F34_back_to_the_login_page_after_success(
    page: Page, demo: Demo, providers: ServedSandbox
) -> None:
    ready(page, demo, providers)
    press(page, "Login with Google")
    allow(page)
    expect(page).to_have_url(f"{demo.url}/profile")
    page.go_back()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{demo.url}/profile")
    expect(page.get_by_text(f"You are logged in as {ADA}")).to_be_visible()


def test_F34_a_login_page_that_was_left_open_leads_where_one_is_signed_in(
    visitor: Visitor, demo: Demo, providers: ServedSandbox
) -> None:
    first, left_open = visitor.tab(), visitor.tab()
    ready(first, demo, providers)
    left_open.goto(f"{demo.url}/login")
    press(first, "Login with Google")
    allow(first)
    expect(first).to_have_url(f"{demo.url}/profile")
    asked = providers.count("google", "authorize")
    press(left_open, "Login with Google")
    expect(left_open).to_have_url(f"{demo.url}/profile")
    expect(left_open.get_by_text(f"You are logged in as {ADA}")).to_be_visible()
    assert providers.count("google", "authorize") == asked, "there is nothing to ask"


def test_F34_nobody_is_switched_to_another_user(
    new_visitor: Callable[[], Visitor], demo: Demo, providers: ServedSandbox
) -> None:
    grace = new_visitor().tab()
    register(grace, demo, GRACE)
    press(grace, "Connect Google")
    allow(grace, "Grace Hopper")
    expect(grace.get_by_text("Your Google account is connected.")).to_be_visible()
    ada = new_visitor()
    setting_out, other_tab = ada.tab(), ada.tab()
    ready_by_password(other_tab, demo)
    setting_out.goto(f"{demo.url}/login")
    providers.reset_counters()
    press(setting_out, "Login with Google")
    expect(setting_out.get_by_role("heading", name="Who are you?")).to_be_visible()
    log_in_by_password(other_tab, demo, ADA)

    allow(setting_out, "Grace Hopper")

    expect(setting_out).to_have_url(f"{demo.url}/profile")
    expect(setting_out.get_by_text(f"You are logged in as {ADA}")).to_be_visible()
    assert exchanges(providers) == 0
    assert demo.connections() == [(GRACE, "google")]


def ready_by_password(page: Page, demo: Demo) -> None:
    """Ada has a password and no connection, and nobody is signed in."""
    register(page, demo)
    log_out(page, demo)
