"""F60: an application's own templates fail, and the built-in pages take their place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import request
from flask_wtf import CSRFProtect

import flask_social
from tests.bed import Bed, Browser

U1 = "one@example.org"
SHIPPED = Path(flask_social.__file__).parent / "templates" / "social"
BROKEN = {
    "UndefinedError": "{{ nothing.at.all }}",
    "TemplateSyntaxError": "{% if %}",
    "TemplateNotFound": '{% extends "no/such/layout.html" %}',
    "ZeroDivisionError": "{{ 1 // 0 }}",
    "TypeError": "{{ 1 + 'a' }}",
    "an unknown filter": "{{ 1|no_such_filter }}",
    "an address that is none": "{{ url_for('no.such.endpoint') }}",
}
MakeBed = Callable[..., Bed]


@pytest.fixture
def member(make_bed: MakeBed, tmp_path: Path) -> tuple[Bed, Browser]:
    """U1, connected and signed in, at an application whose templates are in *tmp_path*."""
    bed = make_bed(SESSION_COOKIE_SAMESITE="Strict")
    bed.app.template_folder = str(tmp_path)
    bed.add_user(U1)
    bed.connect(U1, "acme", "41")
    bed.connect(U1, "gone_by_now", "42", created_at=10**18)
    bed.connect(U1, "plain", "43", needs_reauth=True)
    bed.app.get("/mine")(lambda: str(bed.social.plain.get_api()))
    return bed, bed.browser().sign_in(U1)


def override(bed: Bed, name: str, source: str) -> None:
    folder = Path(str(bed.app.template_folder)) / "social"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(source)
    bed.app.jinja_env.cache.clear()  # type: ignore[union-attr]


def connections(browser: Browser) -> requests.Response:
    return browser.get("/connections")


def confirmation(browser: Browser) -> requests.Response:
    return browser.get("/connect/acme/41")


def continuation(browser: Browser) -> requests.Response:
    return browser.get("/connect/acme")


def error(browser: Browser) -> requests.Response:
    return browser.get("/connect/acme?state=unknown", headers={"Sec-Fetch-Site": "same-origin"})


def bounce(browser: Browser) -> requests.Response:
    callback = browser.at_provider(browser.set_out("/connect/plain"))
    return browser.get(callback, headers={"Sec-Fetch-Site": "cross-site"})


def reconnection(browser: Browser) -> requests.Response:
    return browser.get("/mine")


PAGES: dict[str, tuple[Callable[[Browser], requests.Response], int, str]] = {
    "connections.html": (connections, 200, 'action="/connect/acme/41" method="post"'),
    "confirm.html": (confirmation, 200, 'action="/connect/acme/41" method="post"'),
    "continue.html": (continuation, 200, 'action="/connect/acme" method="post"'),
    "error.html": (error, 400, "Start again"),
    "reconnect.html": (reconnection, 409, "Continue to Plain"),
    "bounce.html": (bounce, 200, 'http-equiv="refresh"'),
}
"""How to get to each page, its status, and what it is for."""
SHARED = {"base.html", "_macros.html"}
ELSEWHERE = {"away.html"}
"""Shown where the database is down: see the tests of that."""


def test_F60_every_page_has_its_case_here() -> None:
    assert {path.name for path in SHIPPED.iterdir()} == PAGES.keys() | SHARED | ELSEWHERE


def test_F60_a_page_of_the_application_s_own_that_fails_is_ours(
    member: tuple[Bed, Browser], caplog: pytest.LogCaptureFixture
) -> None:
    bed, browser = member
    for source in BROKEN.values():
        for name, (visit, status, purpose) in PAGES.items():
            override(bed, name, source)
            caplog.clear()
            answer = visit(browser)
            told = (answer.status_code, answer.headers["Content-Type"], purpose in answer.text)
            assert told == (status, "text/html; charset=utf-8", True), (name, source)
            assert "no-store" in answer.headers["Cache-Control"]
            [logged] = [each for each in caplog.records if each.levelno == logging.ERROR]
            assert f"social/{name} cannot be rendered" in logged.getMessage()
            assert logged.exc_info is not None
    assert bed.raised == []


@pytest.mark.parametrize("shared", sorted(SHARED))
def test_F60_a_frame_or_macros_that_fail_are_ours(member: tuple[Bed, Browser], shared: str) -> None:
    bed, browser = member
    for kind in ("UndefinedError", "TemplateSyntaxError", "TemplateNotFound"):
        override(bed, shared, source := BROKEN[kind])
        for name, (visit, status, purpose) in PAGES.items():
            answer = visit(browser)
            assert (answer.status_code, purpose in answer.text) == (status, True), (name, source)
    assert bed.raised == []


def test_F60_what_works_of_the_application_s_own_is_shown(member: tuple[Bed, Browser]) -> None:
    bed, browser = member
    for name in PAGES:
        override(bed, name, "<p>the application's own</p>")
    for name, (visit, status, _) in PAGES.items():
        answer = visit(browser)
        assert (answer.status_code, answer.text) == (status, "<p>the application's own</p>"), name


def test_F60_a_context_processor_that_raises_does_not_cost_the_page(bed: Bed) -> None:
    @bed.app.context_processor
    def broken() -> Any:
        if request.blueprint != "security":
            raise LookupError("of the application's own")
        return {}

    bed.add_user(U1)
    bed.connect(U1, "acme", "41")
    browser = bed.browser().sign_in(U1)
    for name in ("connections.html", "confirm.html", "continue.html", "error.html"):
        visit, status, purpose = PAGES[name]
        answer = visit(browser)
        assert (answer.status_code, purpose in answer.text) == (status, True), name


def test_F60_the_built_in_forms_carry_the_token_of_csrf_protect(
    make_bed: MakeBed, tmp_path: Path
) -> None:
    bed = make_bed(WTF_CSRF_ENABLED=True, WTF_CSRF_CHECK_DEFAULT=False)
    CSRFProtect(bed.app)
    bed.app.template_folder = str(tmp_path)
    override(bed, "base.html", BROKEN["UndefinedError"])

    page = bed.browser().get("/login/acme").text

    assert 'name="csrf_token"' in page


def test_F60_a_message_is_shown_once_though_the_frame_failed_after_it(
    member: tuple[Bed, Browser],
) -> None:
    bed, browser = member
    frame = "{% for m in get_flashed_messages() %}{{ m }}{% endfor %}{{ nothing.at.all }}"
    bed.sandbox.deny()
    callback = browser.at_provider(browser.set_out("/connect/plain"))
    state = callback.partition("state=")[2].partition("&")[0]
    browser.get(callback, headers={"Sec-Fetch-Site": "cross-site"})
    browser.get(f"/connect/plain?state={state}", headers={"Sec-Fetch-Site": "same-origin"})
    override(bed, "base.html", frame)

    first, second = browser.get("/connections").text, browser.get("/connections").text

    assert first.count("You cancelled at Plain") == 1
    assert "You cancelled" not in second


def test_F60_a_date_that_is_none_does_not_cost_the_page(bed: Bed) -> None:
    bed.add_user(U1)
    for number, when in enumerate((10**18, -(10**18), 1_800_000_000)):
        bed.connect(U1, "acme", str(number), created_at=when)
    page = bed.browser().sign_in(U1).get("/connections").text
    assert all(each in page for each in (str(10**18), str(-(10**18)), "2027-01-15"))
