"""A strict Content-Security-Policy, with the one directive that the documentation asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from flask import Response
from playwright.sync_api import Page, expect

from flask_social.testing import ServedSandbox
from tests.bed import PASSWORD, Bed, make_app, usual_config
from tests.browser.conftest import Visitor, allow, press, serving

pytestmark = pytest.mark.browser

EMAIL = "ada@example.com"
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
Serve = Callable[..., Bed]


@pytest.fixture
def serve(providers: ServedSandbox, tmp_path: Path) -> Iterator[Serve]:
    """A function that serves an application whose every answer has a policy."""
    with ExitStack() as stack:

        def serve(policy: str, certificates: trustme.CA | None = None, **given: Any) -> Bed:
            config = {**usual_config(providers.url), **given}
            bed = make_app(config, database=f"sqlite:///{tmp_path}/bed.sqlite")
            bed.add_user(EMAIL)

            @bed.app.after_request
            def restrict(response: Response) -> Response:
                response.headers["Content-Security-Policy"] = policy
                return response

            bed.url = stack.enter_context(serving(bed.app, certificates))
            return bed

        yield serve


def log_in(page: Page, bed: Bed) -> None:
    """Without Flask-Security's own pages, which have an inline style."""
    who = {"email": EMAIL, "password": PASSWORD}
    answer = page.request.post(f"{bed.url}/login", data=who)
    assert answer.status == 200


def connect(page: Page, bed: Bed, provider_id: str) -> None:
    name = provider_id.title()
    page.goto(f"{bed.url}/connect/{provider_id}")
    press(page, f"Continue to {name}")
    allow(page)
    expect(page.get_by_text(f"Your {name} account is connected.")).to_be_visible()


def origin(providers: ServedSandbox) -> str:
    return providers.url.rstrip("/")


def test_F41_form_action_with_the_provider_s_origin(
    page: Page, serve: Serve, providers: ServedSandbox
) -> None:
    bed = serve(f"{STRICT} {origin(providers)}")
    log_in(page, bed)
    connect(page, bed, "acme")
    page.request.post(f"{bed.url}/logout", data={})
    page.goto(f"{bed.url}/login/acme")
    press(page, "Continue to Acme")
    allow(page)
    expect(page).to_have_url(f"{bed.url}/home")
    assert [row[:2] for row in bed.accounts()] == [(EMAIL, "acme")]


def test_A082_no_page_of_ours_needs_anything_inline(
    page: Page, serve: Serve, providers: ServedSandbox
) -> None:
    """Whatever the policy refuses is an error on the console, which ends the test (conftest)."""
    bed = serve(f"{STRICT} {origin(providers)}")
    log_in(page, bed)
    connect(page, bed, "acme")
    connect(page, bed, "plain")
    page.goto(f"{bed.url}/verify/acme")
    press(page, "Continue to Acme")
    allow(page)
    expect(page).to_have_url(f"{bed.url}/connections")
    page.goto(f"{bed.url}/connect/acme?state=unknown&code=stale")
    expect(page.get_by_role("link", name="Start again")).to_be_visible()
    page.goto(f"{bed.url}{removal(bed)}")
    page.get_by_role("main").get_by_role("button").click()
    expect(page).to_have_url(f"{bed.url}/connections")
    assert [row[1] for row in bed.accounts()] == ["plain"]


def removal(bed: Bed) -> str:
    """The page that confirms the removal of the account at ``acme``."""
    [subject] = [row[2] for row in bed.accounts() if row[1] == "acme"]
    return f"/connect/acme/{subject}"


@pytest.mark.parametrize("provider_id", ["acme", "posty"])
def test_A082_the_bounce_of_a_strict_session_needs_no_script(
    page: Page, serve: Serve, providers: ServedSandbox, certificates: trustme.CA, provider_id: str
) -> None:
    posty = {
        "consumer_key": "key",
        "consumer_secret": "secret",
        "issuer": f"{providers.url}posty",
        "response_mode": "form_post",
        "token_endpoint_auth_method": "client_secret_post",
    }
    cookies = {"SESSION_COOKIE_SAMESITE": "Strict", "SESSION_COOKIE_SECURE": True}
    bed = serve(f"{STRICT} {origin(providers)}", certificates, SOCIAL_POSTY=posty, **cookies)
    log_in(page, bed)
    connect(page, bed, provider_id)
    assert [row[1] for row in bed.accounts()] == [provider_id]


def test_A082_form_action_self_alone_is_what_the_documentation_says(
    visitor: Visitor, serve: Serve, providers: ServedSandbox
) -> None:
    bed = serve(STRICT)
    page = visitor.context.new_page()
    page.goto(f"{bed.url}/login/acme")
    with page.expect_console_message(lambda message: "form-action" in message.text):
        press(page, "Continue to Acme")
    expect(page).to_have_url(f"{bed.url}/login/acme")
    assert providers.count("acme", "authorize") == 0
