"""Chromium, the example application on 127.0.0.1 and the sandbox on localhost: two sites to it."""

from __future__ import annotations

import os
import shutil
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import trustme
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright
from werkzeug.serving import make_server

from examples.demo.app import Connection, User, create_app, db
from flask_social.testing import ServedSandbox, sandbox
from tests.bed import PATIENT, QuietHandler

PASSWORD = "correct horse battery"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000
"""Milliseconds until something that never comes is given up."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. Without one the tests are skipped, and fail in CI.

    It ends with its module: while it lives, an event loop runs in this thread, and Flask can run
    nothing async beside it.
    """
    path = shutil.which(os.environ.get("SOCIAL_TEST_CHROMIUM", "chromium"))
    if path is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("Chromium is not installed, or not where SOCIAL_TEST_CHROMIUM says")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a browser with cookies of its own. Notes what a page may not do."""

    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    """Errors on the console, answers with a status of 500 and above, files that are missing."""

    def tab(self) -> Page:
        """A new tab."""
        page = self.context.new_page()
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("response", self._note_response)
        return page

    def _note_console(self, message: Any) -> None:
        # Of answers the next method tells; and what a test did not wait for fails at its end.
        loading = message.text.startswith("Failed to load resource:")
        if message.type == "error" and not loading:
            self.faults.append(message.text)

    def _note_response(self, response: Response) -> None:
        is_page = response.request.resource_type == "document"
        if response.status >= (500 if is_page else 400):
            self.faults.append(f"{response.status} {response.url}")


@pytest.fixture
def new_visitor(chromium: Browser) -> Iterator[Callable[[], Visitor]]:
    """What makes visitors. At the end none of them may have met a fault."""
    visitors: list[Visitor] = []

    def make() -> Visitor:
        context = chromium.new_context(ignore_https_errors=True)
        context.set_default_timeout(PATIENCE)
        visitors.append(Visitor(context))
        return visitors[-1]

    expect.set_options(timeout=PATIENCE)
    yield make
    for visitor in visitors:
        visitor.context.close()
    assert [visitor.faults for visitor in visitors] == [[] for _ in visitors]


@pytest.fixture
def visitor(new_visitor: Callable[[], Visitor]) -> Visitor:
    return new_visitor()


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """The visitor's first tab."""
    return visitor.tab()


@pytest.fixture
def providers() -> Iterator[ServedSandbox]:
    """The sandbox, asking for consent as it does at first."""
    with sandbox() as box:
        yield box


@pytest.fixture(scope="session")
def certificates() -> trustme.CA:
    return trustme.CA()


@contextmanager
def serving(app: Flask, certificates: trustme.CA | None = None) -> Iterator[str]:
    """*app* on a free port of 127.0.0.1, by https if there are certificates; its address."""
    context = None
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificates.issue_cert("127.0.0.1").configure_cert(context)
    server = make_server(
        "127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler, ssl_context=context
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Demo:
    """The example application, served."""

    app: Flask
    url: str = ""

    def forget_password(self, email: str) -> None:
        """Leave the user with *email* without one, as somebody who never chose any."""
        with self.app.app_context():
            db.session.execute(sa.update(User).where(User.email == email).values(password=None))
            db.session.commit()

    def connections(self) -> list[tuple[str, str]]:
        """Who is connected where: e-mail and provider id."""
        with self.app.app_context():
            query = sa.select(User.email, Connection.provider_id).join(Connection.user)
            rows = db.session.execute(query.order_by(Connection.id))
            return [(email, provider_id) for email, provider_id in rows]


@pytest.fixture
def demo(providers: ServedSandbox, tmp_path: Path) -> Iterator[Demo]:
    """The example application as `make demo` serves it."""
    app = create_app(
        {
            "DEBUG": True,
            "SOCIAL_SANDBOX": providers.url,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/demo.sqlite",
            **PATIENT,
        }
    )
    demo = Demo(app)
    with serving(app) as demo.url:
        yield demo
    with app.app_context():
        db.engine.dispose()


# What people do.


def press(page: Page, label: str) -> None:
    """The one button that says *label*."""
    page.get_by_role("button", name=label, exact=True).click()


def allow(page: Page, person: str = "Ada Lovelace") -> None:
    """Say yes on the provider's page, as *person*."""
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    page.get_by_role("button", name=f"Continue as {person}").click()


def register(page: Page, demo: Demo, email: str = "ada@example.com") -> None:
    """Register, which also logs in."""
    page.goto(f"{demo.url}/register")
    page.get_by_label("Email Address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Retype Password").fill(PASSWORD)
    press(page, "Register")
    expect(page.get_by_text(f"You are logged in as {email}")).to_be_visible()


def connect(page: Page, name: str) -> None:
    """From the profile: connect the provider called *name*."""
    press(page, f"Connect {name}")
    allow(page)
    expect(page.get_by_text(f"Your {name} account is connected.")).to_be_visible()


def log_out(page: Page, demo: Demo) -> None:
    press(page, "Log out")
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    page.goto(f"{demo.url}/login")
