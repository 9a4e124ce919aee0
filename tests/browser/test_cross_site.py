"""Answers that a browser carries from the provider's site without the application's session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from playwright.sync_api import Page, expect

from flask_social.testing import ServedSandbox
from tests.bed import PASSWORD, Bed, make_app
from tests.browser.conftest import Visitor, allow, press, serving

pytestmark = pytest.mark.browser

KEYS = {"consumer_key": "key", "consumer_secret": "secret"}
EMAIL = "ada@example.com"


@pytest.fixture
def config(providers: ServedSandbox) -> dict[str, Any]:
    """A provider that posts its answer, and one that does not."""
    return {
        "SOCIAL_SANDBOX": providers.url,
        "SOCIAL_ACME": {**KEYS, "issuer": f"{providers.url}acme"},
        "SOCIAL_POSTY": {
            **KEYS,
            "issuer": f"{providers.url}posty",
            "response_mode": "form_post",
            "token_endpoint_auth_method": "client_secret_post",
        },
    }


@pytest.fixture
def secure(config: dict[str, Any], certificates: trustme.CA, tmp_path: Any) -> Iterator[Bed]:
    """An application by https, as ``SameSite=None`` needs it, whose session is ``Strict``."""
    strict = {"SESSION_COOKIE_SAMESITE": "Strict", "SESSION_COOKIE_SECURE": True}
    bed = make_app({**config, **strict}, database=f"sqlite:///{tmp_path}/bed.sqlite")
    bed.add_user(EMAIL)
    with serving(bed.app, certificates) as bed.url:
        yield bed
    with bed.app.app_context():
        bed.db.engine.dispose()


def log_in(page: Page, bed: Bed) -> None:
    page.goto(f"{bed.url}/login")
    page.get_by_label("Email Address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Login")
    expect(page.get_by_text("home")).to_be_visible()


def flow_cookies(visitor: Visitor, bed: Bed) -> list[dict[str, Any]]:
    """The cookies that this library set, as the browser keeps them."""
    cookies = [dict(cookie) for cookie in visitor.context.cookies(bed.url)]
    return [cookie for cookie in cookies if str(cookie["name"]).startswith("__Host-")]


def test_F36_connecting_works_though_the_session_stays_behind(
    page: Page, visitor: Visitor, secure: Bed
) -> None:
    connect_by(page, visitor, secure, "acme")


def test_F37_connecting_works_by_a_form_post_without_the_session(
    page: Page, visitor: Visitor, secure: Bed
) -> None:
    connect_by(page, visitor, secure, "posty")


def connect_by(page: Page, visitor: Visitor, secure: Bed, provider_id: str) -> None:
    """Sign in and connect, and see how the answer travelled."""
    name = provider_id.title()
    log_in(page, secure)
    page.goto(f"{secure.url}/connect/{provider_id}")
    press(page, f"Continue to {name}")
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    assert [cookie["secure"] for cookie in flow_cookies(visitor, secure)] == [True]
    arrived: list[tuple[str, str, bool]] = []
    page.on("request", lambda request: arrived.append(seen(request)))
    allow(page)
    expect(page.get_by_text(f"Your {name} account is connected.")).to_be_visible()
    assert [account[:2] for account in secure.accounts()] == [(EMAIL, provider_id)]
    assert flow_cookies(visitor, secure) == []
    view = "callback" if provider_id == "posty" else "connect"
    method = "POST" if provider_id == "posty" else "GET"
    callbacks = [each for each in arrived if f"{secure.url}/{view}/{provider_id}" == each[1]]
    assert callbacks[0][0] == method
    assert callbacks[1][0] == "GET"
    assert [has_code for _, _, has_code in callbacks[1:]] == [False] * len(callbacks[1:])


def seen(request: Any) -> tuple[str, str, bool]:
    """A request's method, its address without the query, and whether that had a code."""
    address, _, query = request.url.partition("?")
    return request.method, address, "code=" in query


def test_F36_logging_in_works_where_the_session_is_strict(
    page: Page, secure: Bed, providers: ServedSandbox
) -> None:
    log_in_by(page, secure, providers, "acme")


def test_F37_logging_in_works_by_a_form_post(
    page: Page, secure: Bed, providers: ServedSandbox
) -> None:
    log_in_by(page, secure, providers, "posty")


def log_in_by(page: Page, secure: Bed, providers: ServedSandbox, provider_id: str) -> None:
    from flask_social.sandbox.shapes import subject_of

    subject = str(subject_of(providers[provider_id].script, providers.people["ada"]))
    secure.connect(EMAIL, provider_id, subject)
    page.goto(f"{secure.url}/login/{provider_id}?next=/connections")
    press(page, f"Continue to {provider_id.title()}")
    allow(page)
    expect(page).to_have_url(f"{secure.url}/connections")
    expect(page.get_by_role("heading", name="Connected accounts")).to_be_visible()


def test_F37_cancelling_works_by_a_form_post(page: Page, secure: Bed) -> None:
    log_in(page, secure)
    page.goto(f"{secure.url}/connect/posty")
    press(page, "Continue to Posty")
    press(page, "Cancel")
    expect(page.get_by_role("alert")).to_contain_text("You cancelled at Posty.")
    assert secure.accounts() == []


def test_A002_a_page_of_another_site_cannot_connect_anything(
    page: Page, secure: Bed, providers: ServedSandbox
) -> None:
    log_in(page, secure)
    page.goto(providers.url)
    page.set_content(
        f'<form method="post" action="{secure.url}/connect/acme"><button>Win</button></form>'
    )
    with page.expect_navigation():
        press(page, "Win")
    expect(page.get_by_text("This request came from another site")).to_be_visible()
    assert secure.accounts() == []
