"""F54 and F55: what an application hangs into ours raises, answers, or talks nonsense."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from blinker import NamedSignal
from flask import Response, abort

from flask_social import Denied, signals
from flask_social.errors import ReconnectNeeded
from flask_social.sandbox import Status
from tests.bed import Bed, Browser

U1, U2 = "one@example.org", "two@example.org"
RAISED = [RuntimeError("canary"), KeyError("canary"), Denied("denied"), SyntaxError(), OSError()]
NONSENSE = ["a text", 7, True, object(), {"email": U2}, Response("theirs"), ("theirs", 200)]
MakeBed = Callable[..., Bed]


def ids(value: Any) -> str:
    return type(value).__name__


# F54: receivers.


def log_in(bed: Bed) -> Browser:
    browser = bed.browser()
    browser.trip("/login/acme")
    return browser


def connect(bed: Bed) -> None:
    bed.browser().sign_in(U1).trip("/connect/plain")


def connect_again(bed: Bed) -> None:
    bed.browser().sign_in(U1).trip("/connect/acme")


def disconnect(bed: Bed) -> None:
    bed.browser().sign_in(U1).post("/disconnect/acme")


def log_in_as_a_stranger(bed: Bed) -> None:
    bed.sandbox.login_as("grace")
    log_in(bed)


def cancel_the_login(bed: Bed) -> None:
    bed.sandbox.deny()
    log_in(bed)


def cancel_the_connect(bed: Bed) -> None:
    bed.sandbox.deny()
    connect(bed)


def come_with_an_unknown_state(bed: Bed) -> None:
    bed.browser().get("/login/acme?state=unknown&code=x")


def log_in_at_a_broken_provider(bed: Bed) -> None:
    bed.sandbox["acme"].fail("token", Status(500))
    log_in(bed)


def call_an_api_that_is_closed(bed: Bed) -> None:
    """Its token is out of date, and the consent was taken back."""
    for held in bed.sandbox["acme"].access_tokens.values():
        held.grant.revoked = True
    with bed.app.app_context():
        bed.db.session.execute(sa.update(bed.Connection).values(expires_at=1))
        bed.db.session.commit()
        user = bed.db.session.scalar(sa.select(bed.User).filter_by(email=U1))
        with pytest.raises(ReconnectNeeded):
            bed.social.acme.get_api(user)


SENT: dict[str, Callable[[Bed], Any]] = {
    "login_completed": log_in,
    "connection_created": connect,
    "connection_failed": connect_again,
    "connection_updated": connect_again,
    "connection_removed": disconnect,
    "login_failed": log_in_as_a_stranger,
    "login_denied": cancel_the_login,
    "connection_denied": cancel_the_connect,
    "connection_broken": call_an_api_that_is_closed,
    "flow_rejected": come_with_an_unknown_state,
    "provider_failed": log_in_at_a_broken_provider,
}
"""Each signal, and what it is sent for."""
ELSEWHERE = {"store_failed"}
"""Sent where the database is down: see the tests of that."""


def test_F54_every_signal_has_its_case_here() -> None:
    known = {name for name, each in vars(signals).items() if isinstance(each, NamedSignal)}
    assert known == SENT.keys() | ELSEWHERE


def after(bed: Bed, happening: Callable[[Bed], Any]) -> tuple[Any, ...]:
    """What is to be seen once *happening* has happened: answers, rows, signals."""
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.told.clear()
    bed.statuses.clear()
    happening(bed)
    return list(bed.statuses), bed.accounts(), [name for name, _ in bed.told]


@pytest.mark.parametrize("name", SENT)
def test_F54_a_receiver_that_raises_changes_nothing_and_is_logged(
    make_bed: MakeBed, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    expected = after(make_bed(), SENT[name])
    expected_names = expected[2]
    assert name in expected_names
    bed = make_bed()
    bed.sandbox.login_as("ada")
    bed.sandbox["acme"].honest()
    signal: NamedSignal = getattr(signals, name)
    heard: list[str] = []

    def broken(sender: Any, **arguments: Any) -> None:
        heard.append(name)
        raise RuntimeError("of the application's own")

    def forbidding(sender: Any, **arguments: Any) -> None:
        abort(403)

    def odd(sender: Any, an_argument_that_is_never_sent: Any) -> None:
        heard.append("odd")

    with (
        signal.connected_to(broken, bed.app),
        signal.connected_to(forbidding, bed.app),
        signal.connected_to(odd, bed.app),
        caplog.at_level(logging.ERROR, "flask_social"),
    ):
        assert after(bed, SENT[name]) == expected

    assert heard.count(name) == expected_names.count(name) + (name == "connection_created")
    assert "odd" not in heard
    said = [each.getMessage() for each in caplog.records if each.name == "flask_social"]
    assert said.count(f"A receiver of {signal.name} raised") == 3 * heard.count(name)
    bed.sandbox.login_as("ada")
    bed.sandbox["acme"].honest()
    if name != "connection_removed":
        assert log_in(bed).who() == U1


def test_F54_a_receiver_that_leaves_the_session_broken_does_not_undo_the_login(bed: Bed) -> None:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")

    @signals.login_completed.connect_via(bed.app)
    def broken(sender: Any, **arguments: Any) -> None:
        bed.db.session.add(bed.User(email=U1))  # the address is taken
        bed.db.session.commit()

    browser = bed.browser()
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert browser.who() == U1
    assert bed.users() == [U1]
