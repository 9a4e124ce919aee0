"""A person at a browser goes through the example application."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from flask_social.sandbox import Status
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

ADA = "ada@example.com"


def test_register_connect_two_providers_and_log_in_by_each(page: Page, demo: Demo) -> None:
    register(page, demo)
    connect(page, "Google")
    connect(page, "Facebook")
    assert demo.connections() == [(ADA, "google"), (ADA, "facebook")]
    for name in ("Google", "Facebook"):
        log_out(page, demo)
        press(page, f"Login with {name}")
        allow(page)
        expect(page).to_have_url(f"{demo.url}/profile")
        expect(page.get_by_text(f"You are logged in as {ADA}")).to_be_visible()


NAMES = ["Twitter", "Facebook", "Foursquare", "Google", "GitHub", "LinkedIn"]


@pytest.mark.parametrize("name", NAMES)
def test_a_provider_connects_logs_in_and_its_api_answers_to_the_stored_token(
    page: Page, demo: Demo, name: str
) -> None:
    register(page, demo)
    connect(page, name)
    log_out(page, demo)
    press(page, f"Login with {name}")
    allow(page)
    expect(page.get_by_text(f"You are logged in as {ADA}")).to_be_visible()
    page.get_by_role("link", name="Call the API").click()
    answer = page.get_by_label(f"{name}'s API answered")
    expect(answer).to_be_visible()
    expect(answer.locator("pre")).to_contain_text("Lovelace")


def test_the_box_posts_to_twitter(page: Page, demo: Demo, providers: ServedSandbox) -> None:
    register(page, demo)
    connect(page, "Twitter")
    expect(page.get_by_label("Post to Twitter")).to_have_value("hello from my Flask app!")
    press(page, "Post")
    expect(page.get_by_text("Posted to Twitter: hello from my Flask app!")).to_be_visible()
    assert [post.text for post in providers["twitter"].posts] == ["hello from my Flask app!"]
    press(page, "Post")  # X takes no text twice
    expect(page.get_by_role("alert")).to_have_text(
        "Twitter did not take it: You are not allowed to create a Tweet with duplicate content."
    )


def test_an_api_that_fails_does_not_break_the_profile(
    page: Page, demo: Demo, providers: ServedSandbox
) -> None:
    register(page, demo)
    connect(page, "GitHub")
    providers["github"].fail("api", Status(500, "out of order"))
    page.get_by_role("link", name="Call the API").click()
    expect(page.get_by_role("alert")).to_contain_text("GitHub does not answer as it should")
    providers.go_down()
    with page.expect_navigation():  # or the alert could be the one from before
        page.get_by_role("link", name="Call the API").click()
    expect(page.get_by_role("alert")).to_contain_text("GitHub does not answer as it should")


def test_an_account_that_nobody_connected_is_refused_with_a_way_on(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/login")
    press(page, "Login with GitHub")
    allow(page)
    expect(page).to_have_url(f"{demo.url}/login")
    expect(page.get_by_role("alert")).to_contain_text("No account here is connected")
    expect(page.get_by_role("main").get_by_role("link", name="Register")).to_be_visible()


def test_cancelling_at_the_provider_while_logging_in_changes_nothing(
    page: Page, demo: Demo
) -> None:
    page.goto(f"{demo.url}/login")
    press(page, "Login with Google")
    press(page, "Cancel")
    expect(page).to_have_url(f"{demo.url}/login")
    expect(page.get_by_role("alert")).to_have_text("You cancelled at Google. Nothing was changed.")


def test_cancelling_at_the_provider_while_connecting_leads_back_to_the_profile(
    page: Page, demo: Demo
) -> None:
    register(page, demo)
    press(page, "Connect Facebook")
    press(page, "Cancel")
    expect(page).to_have_url(f"{demo.url}/profile")
    expect(page.get_by_role("alert")).to_contain_text("You cancelled at Facebook.")
    assert demo.connections() == []


def test_disconnecting_takes_the_way_in_away(page: Page, demo: Demo) -> None:
    register(page, demo)
    connect(page, "Google")
    press(page, "Disconnect Google")
    expect(page.get_by_text("Your Google account is disconnected.")).to_be_visible()
    expect(page).to_have_url(f"{demo.url}/profile")
    assert demo.connections() == []
    log_out(page, demo)
    press(page, "Login with Google")
    allow(page)
    expect(page.get_by_role("alert")).to_contain_text("No account here is connected")


def test_the_last_way_in_cannot_be_removed_until_there_is_another(page: Page, demo: Demo) -> None:
    register(page, demo)
    connect(page, "Google")
    demo.forget_password(ADA)
    press(page, "Disconnect Google")
    expect(page.get_by_role("alert")).to_contain_text("This is your only way to sign in.")
    assert demo.connections() == [(ADA, "google")]
    page.goto(f"{demo.url}/profile")
    connect(page, "Facebook")
    press(page, "Disconnect Google")
    expect(page.get_by_text("Your Google account is disconnected.")).to_be_visible()
    assert demo.connections() == [(ADA, "facebook")]


def test_F32_two_tabs_connect_two_providers_at_once(visitor: Visitor, demo: Demo) -> None:
    first, second = visitor.tab(), visitor.tab()
    register(first, demo)
    second.goto(f"{demo.url}/profile")
    press(first, "Connect Google")
    press(second, "Connect Facebook")
    expect(first.get_by_role("heading", name="Sign in with Google")).to_be_visible()
    expect(second.get_by_role("heading", name="Sign in with Facebook")).to_be_visible()
    allow(first)
    expect(first.get_by_text("Your Google account is connected.")).to_be_visible()
    allow(second)
    expect(second.get_by_text("Your Facebook account is connected.")).to_be_visible()
    assert demo.connections() == [(ADA, "google"), (ADA, "facebook")]


def test_F32_two_tabs_of_one_login_both_end_signed_in(visitor: Visitor, demo: Demo) -> None:
    first, second = visitor.tab(), visitor.tab()
    register(first, demo)
    connect(first, "Google")
    log_out(first, demo)
    second.goto(f"{demo.url}/login")
    press(first, "Login with Google")
    press(second, "Login with Google")
    for tab in (second, first):
        allow(tab)
        expect(tab).to_have_url(f"{demo.url}/profile")
        expect(tab.get_by_text(f"You are logged in as {ADA}")).to_be_visible()


def test_F29_an_answer_that_comes_a_second_time_leads_home(page: Page, demo: Demo) -> None:
    callbacks: list[str] = []
    page.on(
        "request",
        lambda request: callbacks.append(request.url) if "code=" in request.url else None,
    )
    register(page, demo)
    connect(page, "Google")
    log_out(page, demo)
    press(page, "Login with Google")
    allow(page)
    expect(page).to_have_url(f"{demo.url}/profile")
    page.goto(callbacks[-1])
    expect(page).to_have_url(f"{demo.url}/profile")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_page_that_needs_a_login_is_shown_after_it(page: Page, demo: Demo) -> None:
    register(page, demo)
    connect(page, "Google")
    log_out(page, demo)
    page.goto(f"{demo.url}/connections")
    expect(page).to_have_url(f"{demo.url}/login?next=/connections")
    press(page, "Login with Google")
    allow(page)
    expect(page).to_have_url(f"{demo.url}/connections")


def test_the_page_of_connections_reconnects_and_disconnects(page: Page, demo: Demo) -> None:
    register(page, demo)
    connect(page, "Google")
    page.get_by_role("link", name="Connections").click()
    press(page, "Reconnect")
    allow(page)
    expect(page.get_by_text("Your Google account is connected anew.")).to_be_visible()
    page.get_by_role("link", name="Connections").click()
    press(page, "Reconnect")
    allow(page, "Grace Hopper")
    expect(page.get_by_role("alert")).to_contain_text("That was another Google account")
    page.goto(f"{demo.url}/connections")
    press(page, "Disconnect")
    expect(page.get_by_text("No account is connected yet.")).to_be_visible()


def test_an_account_of_somebody_else_stays_theirs(
    new_visitor: Callable[[], Visitor], demo: Demo
) -> None:
    ada, grace = new_visitor().tab(), new_visitor().tab()
    register(ada, demo)
    connect(ada, "Google")
    register(grace, demo, "grace@example.com")
    press(grace, "Connect Google")
    allow(grace)
    expect(grace.get_by_role("alert")).to_contain_text("is connected to another account here")
    assert demo.connections() == [(ADA, "google")]


def test_a_lost_flow_leads_to_a_button_that_starts_again(page: Page, demo: Demo) -> None:
    register(page, demo)
    connect(page, "Google")
    log_out(page, demo)
    page.goto(f"{demo.url}/login/google?state=unknown&code=stale")
    page.get_by_role("link", name="Start again").click()
    press(page, "Continue to Google")
    allow(page)
    expect(page).to_have_url(f"{demo.url}/profile")


def test_a_provider_that_is_down_leaves_a_page_to_try_again_from(
    page: Page, visitor: Visitor, demo: Demo, providers: ServedSandbox
) -> None:
    register(page, demo)
    press(page, "Connect GitHub")
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    providers["github"].fail("token", Status(503))
    with page.expect_response(lambda response: response.status == 503):
        allow(page)
    expect(page.get_by_text("GitHub is not available at the moment.")).to_be_visible()
    assert [fault[:3] for fault in visitor.faults] == ["503"]
    visitor.faults.clear()
    providers.release()
    page.get_by_role("link", name="Start again").click()
    press(page, "Continue to GitHub")
    allow(page)
    expect(page.get_by_text("Your GitHub account is connected.")).to_be_visible()


def test_a_password_still_logs_in(page: Page, demo: Demo) -> None:
    register(page, demo)
    log_out(page, demo)
    page.get_by_label("Email Address").fill(ADA)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Login")
    expect(page.get_by_text(f"You are logged in as {ADA}")).to_be_visible()


def test_everything_works_from_the_keyboard(page: Page, demo: Demo) -> None:
    register(page, demo)
    page.get_by_role("button", name="Connect Google").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Continue as Ada Lovelace").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Your Google account is connected.")).to_be_visible()


def test_a_page_with_an_inline_style_would_be_noticed(
    page: Page, visitor: Visitor, demo: Demo
) -> None:
    page.goto(demo.url)
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">Red</p>')"
        )
    expect(page.get_by_text("Red")).to_be_visible()
    assert [fault for fault in visitor.faults if "Content Security Policy" in fault]
    visitor.faults.clear()
