"""A browser that fetches a callback ahead of time spends nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import request
from playwright.sync_api import Page, expect

from flask_social.sandbox.shapes import subject_of
from flask_social.testing import ServedSandbox
from tests.bed import Bed, make_app, usual_config
from tests.browser.conftest import Visitor, serving

pytestmark = pytest.mark.browser

EMAIL = "ada@example.com"


@pytest.fixture
def site(providers: ServedSandbox, tmp_path: Path) -> Iterator[Bed]:
    """An application where Ada's account is connected."""
    bed = make_app(usual_config(providers.url), database=f"sqlite:///{tmp_path}/bed.sqlite")
    bed.add_user(EMAIL)
    acme = providers["acme"].script
    bed.connect(EMAIL, "acme", str(subject_of(acme, providers.people["ada"])))
    providers.login_as("ada")
    with serving(bed.app) as bed.url:
        yield bed
    with bed.app.app_context():
        bed.db.engine.dispose()


def callback_of(visitor: Visitor, site: Bed) -> str:
    """Set out from this browser and say yes; the address that the provider sends it to."""
    http = visitor.context.request
    out = http.post(f"{site.url}/login/acme", max_redirects=0)
    there = http.get(out.headers["location"], max_redirects=0)
    return there.headers["location"]


AHEAD = {
    "a link": "const ahead = document.createElement('link');"
    "ahead.rel = 'prefetch'; ahead.href = CALLBACK; document.head.append(ahead);",
    "rules": "const ahead = document.createElement('script'); ahead.type = 'speculationrules';"
    "ahead.textContent = JSON.stringify("
    "{prefetch: [{source: 'list', urls: [CALLBACK], eagerness: 'immediate'}]});"
    "document.head.append(ahead);",
}


def fetched_ahead(visitor: Visitor, site: Bed, way: str) -> tuple[Page, str]:
    """A page of *site* that has had its browser fetch the callback; the callback."""
    came = threading.Event()

    @site.app.before_request
    def note() -> None:
        if "prefetch" in request.headers.get("Sec-Purpose", "") and "code" in request.args:
            came.set()

    page = visitor.context.new_page()  # what it may not do is what this is about
    callback = callback_of(visitor, site)
    page.goto(f"{site.url}/home")
    page.evaluate(AHEAD[way].replace("CALLBACK", json.dumps(callback)))
    assert came.wait(120), "the browser has fetched nothing ahead"
    return page, callback


@pytest.mark.parametrize("way", AHEAD)
def test_A019_fetched_ahead_of_time(
    visitor: Visitor, site: Bed, providers: ServedSandbox, way: str
) -> None:
    page, callback = fetched_ahead(visitor, site, way)
    assert providers.count("acme", "token") == 0
    page.goto(callback)
    expect(page).to_have_url(f"{site.url}/home")
    assert providers.count("acme", "token") == 1
    answer = page.request.get(f"{site.url}/whoami", headers={"Accept": "application/json"})
    assert answer.json() == {"email": EMAIL}


def test_F39_the_user_notices_nothing(page: Page, visitor: Visitor, site: Bed) -> None:
    fetched_ahead(visitor, site, "a link")
    page.goto(f"{site.url}/login/acme?next=/connections")
    page.get_by_role("button", name="Continue to Acme").click()
    expect(page).to_have_url(f"{site.url}/connections")
