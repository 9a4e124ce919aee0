"""F55: a hook of the application's raises, answers, or talks nonsense: nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Response

from flask_social import Denied
from tests.bed import Bed, Browser

U1, U2 = "one@example.org", "two@example.org"
RAISED = [RuntimeError("canary"), KeyError("canary"), Denied("denied"), SyntaxError(), OSError()]
NONSENSE = ["a text", 7, True, object(), {"email": U2}, Response("theirs"), ("theirs", 200)]


def refused(bed: Bed, browser: Browser, answer: Any) -> None:
    """The login page, and nothing written."""
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert browser.who() is None
    assert (bed.rows(), bed.users()) == ([], [U1])
    assert bed.signals("connection_created") == bed.signals("login_completed") == []
    assert [told["provider"].id for told in bed.signals("login_failed")] == ["acme"]
    bed.told.clear()


def half_a_user(bed: Bed) -> None:
    """What a hook may have begun before it fails."""
    bed.app.extensions["security"].datastore.create_user(email=U2)


def test_F55_a_newcomer_handler_that_raises_lets_nobody_in(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    bed.add_user(U1)
    errors = list(RAISED)

    @bed.social.newcomer_handler
    def handler(grant: Any) -> Any:
        half_a_user(bed)
        raise errors.pop()

    while errors:
        caplog.clear()
        browser = bed.browser()
        refused(bed, browser, browser.trip("/login/acme"))
        assert "The newcomer handler raised" in caplog.text


def test_F55_a_newcomer_handler_that_returns_no_user_lets_nobody_in(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    bed.add_user(U1)
    answers = list(NONSENSE)

    @bed.social.newcomer_handler
    def handler(grant: Any) -> Any:
        half_a_user(bed)
        return answers[-1]

    while answers:
        browser = bed.browser()
        refused(bed, browser, browser.trip("/login/acme"))
        assert f"returned no user but {type(answers.pop()).__name__}" in caplog.text


def test_F55_a_hook_that_works_is_heard_after_one_that_did_not(bed: Bed) -> None:
    bed.add_user(U1)
    answers: list[Any] = ["nonsense"]

    @bed.social.newcomer_handler
    def handler(grant: Any) -> Any:
        return answers.pop() if answers else bed.db.session.get(bed.User, 1)

    browser = bed.browser()
    browser.trip("/login/acme")
    assert browser.who() is None
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert browser.who() == U1


@pytest.mark.parametrize("action", ["login", "connect"])
def test_F55_a_grant_checker_that_raises_refuses(bed: Bed, action: str) -> None:
    bed.add_user(U1)
    errors = list(RAISED)

    @bed.social.grant_checker
    def checker(grant: Any) -> None:
        half_a_user(bed)
        raise errors.pop()

    while errors:
        browser = bed.browser() if action == "login" else bed.browser().sign_in(U1)
        answer = browser.trip(f"/{action}/acme")
        assert answer.headers["Location"] == ("/login" if action == "login" else "/connections")
        assert (bed.rows(), bed.users()) == ([], [U1])
        assert browser.who() == (None if action == "login" else U1)


def test_F55_a_grant_checker_that_answers_anything_but_yes_refuses(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    bed.add_user(U1)
    answers = [False, 0, "", *(each for each in NONSENSE if each is not True)]
    bed.social.grant_checker(lambda grant: answers[-1] if answers else True)  # type: ignore[type-var]

    while answers:
        browser = bed.browser()
        page = browser.trip("/login/acme")
        assert page.headers["Location"] == "/login"
        assert "may not be used here" in browser.get("/login").text
        assert f"A grant checker returned {type(answers.pop()).__name__}" in caplog.text
        assert bed.rows() == []

    assert bed.browser().sign_in(U1).trip("/connect/acme").headers["Location"] == "/connections"
    assert len(bed.rows()) == 1


@pytest.mark.parametrize("kind", ["checker", "newcomer"])
def test_F55_hooks_may_be_async(bed: Bed, kind: str) -> None:
    bed.add_user(U1)
    asked: list[str] = []

    async def check(grant: Any) -> None:
        asked.append(grant.provider_id)
        raise Denied("refused")

    async def welcome(grant: Any) -> Any:
        asked.append(grant.provider_id)

    if kind == "checker":
        bed.social.grant_checker(check)  # type: ignore[type-var]
    else:
        bed.social.newcomer_handler(welcome)
    browser = bed.browser()
    refused(bed, browser, browser.trip("/login/acme"))
    assert asked == ["acme"]
