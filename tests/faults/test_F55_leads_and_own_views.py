"""F55: a receiver of login_failed leads elsewhere, and an application's own views fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import redirect

from flask_social import Denied, signals
from flask_social.utils import get_connection_values_from_oauth_response
from tests.bed import Bed, Browser
from tests.faults.test_F55_hooks import U1, half_a_user, refused


class Elsewhere(Exception):
    pass


def leading(bed: Bed, handler: Callable[[Exception], Any]) -> None:
    bed.add_user(U1)
    bed.app.register_error_handler(Elsewhere, handler)

    def receiver(sender: Any, **arguments: Any) -> None:
        half_a_user(bed)
        raise Elsewhere

    bed.app.extensions["leading"] = receiver  # signals hold their receivers weakly
    signals.login_failed.connect(receiver, bed.app)


def test_F55_a_lead_that_leads_nowhere_is_the_refused_page(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [RuntimeError, None, 7, object(), ("a", "b", 1)]

    def handler(error: Exception) -> Any:
        if answers[-1] is RuntimeError:
            raise RuntimeError("of the handler's own")
        return answers[-1]

    leading(bed, handler)
    while answers:
        caplog.clear()
        browser = bed.browser()
        refused(bed, browser, browser.trip("/login/acme"))
        assert "The error handler that Elsewhere leads to failed" in caplog.text
        answers.pop()


@pytest.mark.parametrize(
    ("answer", "status", "location"),
    [
        ("theirs", 200, None),
        (("theirs", 418), 418, None),
        (redirect("/register"), 302, "/register"),
    ],
)
def test_F55_a_lead_s_answer_is_the_answer(
    bed: Bed, answer: Any, status: int, location: str | None
) -> None:
    leading(bed, lambda error: answer)
    browser = bed.browser()

    got = browser.trip("/login/acme")

    assert (got.status_code, got.headers.get("Location")) == (status, location)
    assert browser.who() is None
    assert (bed.rows(), bed.users()) == ([], [U1])


def with_own_view(bed: Bed, view: Callable[[Any], Any]) -> Browser:
    @bed.app.post("/out")
    def out() -> Any:
        return bed.social.plain.authorize(callback="/back")

    with bed.app.app_context():
        back = bed.social.plain.authorized_handler(view)
    bed.app.add_url_rule("/back", "back", back)
    bed.add_user(U1)
    return bed.browser().sign_in(U1)


@pytest.mark.parametrize("code", ["denied", "too_young"])
def test_F55_an_own_view_that_denies_is_answered_as_any_refusal(bed: Bed, code: str) -> None:
    def view(oauth_response: Any) -> Any:
        values = get_connection_values_from_oauth_response(bed.social.plain, oauth_response)
        bed.db.session.add(bed.Connection(user_id=bed.user_id(U1), **kept(bed, values)))
        raise Denied(code)

    browser = with_own_view(bed, view)

    answer = browser.trip("/out")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert bed.rows() == []
    assert browser.who() == U1
    assert browser.trip("/connect/plain").headers["Location"] == "/connections"
    assert len(bed.rows()) == 1


def kept(bed: Bed, values: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (values or {}).items() if hasattr(bed.Connection, name)}


@pytest.mark.answers_500("the application's own view raises")
def test_F55_an_own_view_that_raises_is_the_application_s_own_500_and_writes_nothing(
    bed: Bed,
) -> None:
    def view(oauth_response: Any) -> Any:
        values = get_connection_values_from_oauth_response(bed.social.plain, oauth_response)
        bed.db.session.add(bed.Connection(user_id=1, **kept(bed, values)))
        raise RuntimeError("of the view's own")

    bed.app.register_error_handler(RuntimeError, lambda error: ("theirs", 418))
    browser = with_own_view(bed, view)
    callback = browser.at_provider(browser.set_out("/out"))

    assert browser.get(callback).status_code == 418
    assert bed.rows() == []
    assert browser.get(callback).status_code == 303, "the flow was spent"
    assert bed.calls("plain") == 1
