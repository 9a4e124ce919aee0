"""Signals tell of one application, and a receiver that fails changes nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from blinker import NamedSignal
from flask import Blueprint, Flask, redirect, session
from werkzeug.exceptions import Conflict, HTTPException, NotFound

import flask_social
from flask_social import Denied, FlowStopped, signals
from tests.bed import Bed

DOCUMENTED = {
    "connection_created": "connection-created",
    "connection_failed": "connection-failed",
    "connection_removed": "connection-removed",
    "login_failed": "login-failed",
    "login_completed": "login-success",
}


@pytest.fixture
def app() -> Flask:
    return Flask("one")


@pytest.mark.parametrize(("name", "blinker_name"), DOCUMENTED.items())
def test_the_five_documented_signals_keep_their_names(name: str, blinker_name: str) -> None:
    assert getattr(flask_social, name) is getattr(signals, name)
    assert getattr(signals, name).name == blinker_name


@pytest.mark.parametrize(
    "name",
    [
        "connection_updated",
        "connection_broken",
        "connection_denied",
        "login_denied",
        "flow_rejected",
        "provider_failed",
    ],
)
def test_the_later_signals_come_from_the_package_too(name: str) -> None:
    assert getattr(flask_social, name) is getattr(signals, name)


def test_no_two_signals_share_a_name() -> None:
    named = [each for each in vars(signals).values() if isinstance(each, NamedSignal)]
    assert len(named) == 12
    assert len({signal.name for signal in named}) == 12


def test_the_sender_is_the_application_itself_and_the_arguments_arrive(app: Flask) -> None:
    heard: list[Any] = []

    def receiver(sender: Flask, **arguments: Any) -> None:
        heard.append((sender, arguments))

    with signals.connection_removed.connected_to(receiver, app), app.app_context():
        signals.tell(signals.connection_removed, user="u", provider_id="acme")
    [(sender, arguments)] = heard
    assert type(sender) is Flask
    assert sender is app
    assert arguments == {"user": "u", "provider_id": "acme"}


def test_another_application_is_not_told(app: Flask) -> None:
    heard: list[Any] = []

    def receiver(sender: Flask, **arguments: Any) -> None:
        heard.append(sender)

    with signals.login_completed.connected_to(receiver, Flask("other")), app.app_context():
        signals.tell(signals.login_completed, user="u")
    assert heard == []


def test_a_receiver_that_raises_is_logged_and_the_next_is_told(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def broken(sender: Flask, **arguments: Any) -> None:
        heard.append("broken")
        raise RuntimeError("of the application's own")

    def fine(sender: Flask, **arguments: Any) -> str:
        heard.append("fine")
        return "ignored"

    with (
        caplog.at_level(logging.ERROR, "flask_social"),
        signals.login_failed.connected_to(broken, app),
        signals.login_failed.connected_to(fine, app),
        app.app_context(),
    ):
        signals.tell(signals.login_failed, provider=None, oauth_response={"access_token": "canary"})
    assert sorted(heard) == ["broken", "fine"]
    [record] = caplog.records
    assert record.getMessage() == "A receiver of login-failed raised"
    assert "canary" not in caplog.text


def test_a_receiver_gets_of_the_arguments_those_it_takes(app: Flask) -> None:
    # One that was written before an argument was added goes on working.
    heard: list[Any] = []

    def old(sender: Flask, user: Any) -> None:
        heard.append(("old", user))

    def keyword_only(sender: Flask, *, provider_id: str, user: Any = None) -> None:
        heard.append((provider_id, user))

    def curious(sender: Flask, later: str = "default") -> None:
        heard.append(later)

    class Counting:
        def method(self, sender: Flask) -> None:
            heard.append("method")

    counting = Counting()
    with (
        signals.connection_removed.connected_to(old, app),
        signals.connection_removed.connected_to(keyword_only, app),
        signals.connection_removed.connected_to(curious, app),
        signals.connection_removed.connected_to(counting.method, app),
        app.app_context(),
    ):
        signals.tell(signals.connection_removed, user="u", provider_id="acme")
    assert sorted(map(str, heard)) == ["('acme', 'u')", "('old', 'u')", "default", "method"]


# login_failed may lead elsewhere.


class Stranger(Exception):
    pass


class Guest(Stranger):
    pass


def told(app: Flask, *errors: BaseException) -> tuple[Any, list[str]]:
    """What is answered to a login that failed, whose receivers raise *errors*; who was told."""
    heard: list[str] = []

    def receiver_of(error: BaseException) -> Any:
        def receiver(sender: Flask, **arguments: Any) -> None:
            heard.append(type(error).__name__)
            raise error

        return receiver

    receivers = [receiver_of(error) for error in errors]
    for receiver in receivers:
        signals.login_failed.connect(receiver, app)
    with app.test_request_context("/login/acme"):
        return signals.tell_login_failed(provider=None, oauth_response={"t": "canary"}), heard


@pytest.mark.parametrize("error", [Stranger(), Guest()])
def test_a_receiver_of_login_failed_leads_to_the_application_s_own_handler(
    app: Flask, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    app.register_error_handler(Stranger, lambda error: f"who is {type(error).__name__}?")
    assert told(app, error) == (f"who is {type(error).__name__}?", [type(error).__name__])
    assert caplog.records == []


class Taken(Conflict):
    """An exception with a status of its own."""


def test_an_exception_of_the_application_s_with_a_status_leads_to_its_handler(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.register_error_handler(Taken, lambda error: f"lead by {type(error).__name__}")
    assert told(app, Taken()) == ("lead by Taken", ["Taken"])
    assert caplog.records == []


@pytest.mark.parametrize("handled", [Conflict, 409])
def test_a_page_for_a_status_does_not_hide_that_a_receiver_failed(
    app: Flask, handled: type[Exception] | int, caplog: pytest.LogCaptureFixture
) -> None:
    app.register_error_handler(handled, lambda error: "the page for 409")
    answer, heard = told(app, Taken(), Conflict())
    assert answer is None
    assert len(heard) == len(caplog.records) == 2


def test_every_receiver_is_told_and_what_leads_nowhere_is_logged(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.register_error_handler(Stranger, lambda error: "lead")
    answer, heard = told(app, RuntimeError("one"), Guest(), RuntimeError("two"), Stranger())
    assert answer == "lead"
    assert sorted(heard) == ["Guest", "RuntimeError", "RuntimeError", "Stranger"]
    assert len(caplog.records) == 3
    assert "canary" not in caplog.text


@pytest.mark.parametrize("handled", [None, Exception, HTTPException, LookupError, 500, 403])
def test_an_exception_that_nothing_is_registered_for_is_logged_alone(
    app: Flask, handled: type[Exception] | int | None, caplog: pytest.LogCaptureFixture
) -> None:
    if handled is not None:
        app.register_error_handler(handled, lambda error: "general")
    blueprint = Blueprint("theirs", __name__)
    blueprint.register_error_handler(Stranger, lambda error: "another blueprint's")
    app.register_blueprint(blueprint)
    answer, heard = told(app, Stranger(), NotFound())
    assert answer is None
    assert len(heard) == len(caplog.records) == 2


def test_what_ends_a_trip_is_no_exception_to_lead_by(app: Flask) -> None:
    # Our own handler would answer it, and tell of the failed login once more.
    app.register_error_handler(FlowStopped, lambda error: "theirs")
    assert told(app, Denied("denied")) == (None, ["Denied"])


def test_no_other_signal_leads_anywhere(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.register_error_handler(Stranger, lambda error: "lead")

    def receiver(sender: Flask, **arguments: Any) -> None:
        raise Stranger

    others = [each for each in vars(signals).values() if isinstance(each, NamedSignal)]
    others.remove(signals.login_failed)
    for signal in others:
        with signal.connected_to(receiver, app), app.app_context():
            signals.tell(signal)
    assert len(caplog.records) == len(others) == 11


@pytest.mark.parametrize("refused_by", ["nobody is connected", "a grant checker"])
def test_a_failed_login_is_answered_by_the_handler_and_leaves_no_flow_behind(
    bed: Bed, refused_by: str
) -> None:
    class ToRegister(Exception):
        pass

    @bed.app.errorhandler(ToRegister)
    def to_register(error: ToRegister) -> Any:
        return redirect(f"/register?like={session['like']}", 303)

    @signals.login_failed.connect_via(bed.app)
    def receiver(sender: Flask, provider: Any, oauth_response: Any) -> None:
        session["like"] = provider.id
        raise ToRegister

    if refused_by == "a grant checker":

        @bed.social.grant_checker
        def refuse(grant: Any) -> None:
            raise Denied("refused")

    browser = bed.browser()
    answer = browser.trip("/login/plain")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/register?like=plain")
    assert "no-store" in answer.headers["Cache-Control"]
    assert not [each.name for each in browser.http.cookies if "social" in each.name]
    assert len(bed.signals("login_failed")) == 1
    assert bed.accounts() == []


class Async(Flask):
    """An application that can run what is async, without the package that Flask asks for."""

    def ensure_sync(self, func: Any) -> Any:
        return lambda *args, **kwargs: _run(func(*args, **kwargs))


def test_an_async_receiver_runs_where_the_application_can_run_it() -> None:
    heard: list[str] = []
    app = Async("one")

    async def receiver(sender: Flask, **arguments: Any) -> None:
        heard.append(arguments["reason"])

    with signals.flow_rejected.connected_to(receiver, app), app.app_context():
        signals.tell(signals.flow_rejected, provider=None, reason="expired")
    assert heard == ["expired"]


def _run(coroutine: Any) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something")
