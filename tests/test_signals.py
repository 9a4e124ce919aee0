"""Signals tell of one application, and a receiver that fails changes nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from blinker import NamedSignal
from flask import Flask

import flask_social
from flask_social import signals

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
    ["connection_updated", "connection_denied", "login_denied", "flow_rejected", "provider_failed"],
)
def test_the_later_signals_come_from_the_package_too(name: str) -> None:
    assert getattr(flask_social, name) is getattr(signals, name)


def test_no_two_signals_share_a_name() -> None:
    named = [each for each in vars(signals).values() if isinstance(each, NamedSignal)]
    assert len(named) == 10
    assert len({signal.name for signal in named}) == 10


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
