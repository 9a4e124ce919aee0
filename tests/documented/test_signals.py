"""The five documented signals, heard by receivers written as for 1.6: the arguments and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, current_app

from flask_social import (
    connection_created,
    connection_failed,
    connection_removed,
    login_completed,
    login_failed,
)
from tests.bed import Bed

EMAIL = "user@example.org"
OTHER = "other@example.org"
SUBJECT = "42"


@pytest.fixture
def bed(bed: Bed) -> Bed:
    """A bed with a user; its provider's Ada has the id 42."""
    bed.add_user(EMAIL)
    bed.sandbox["plain"].set("api", id=int(SUBJECT))
    return bed


def test_the_blinker_names_are_those_of_1_6() -> None:
    signals = (
        connection_created,
        connection_failed,
        connection_removed,
        login_failed,
        login_completed,
    )
    assert [each.name for each in signals] == [
        "connection-created",
        "connection-failed",
        "connection-removed",
        "login-failed",
        "login-success",
    ]


def test_connection_created_tells_the_user_and_the_connection(bed: Bed) -> None:
    heard: list[tuple[Any, ...]] = []

    @connection_created.connect_via(bed.app)
    def receiver(sender: Flask, user: Any, connection: Any) -> None:
        heard.append((sender, user.email, connection.provider_id, connection.provider_user_id))

    browser = bed.browser().sign_in(EMAIL)
    browser.trip("/connect/plain")
    browser.trip("/connect/plain")

    assert heard == [(bed.app, EMAIL, "plain", SUBJECT)]


@pytest.mark.parametrize("owner", [EMAIL, OTHER])
def test_connection_failed_tells_the_user_when_the_connection_exists_already(
    bed: Bed, owner: str
) -> None:
    heard: list[tuple[Any, ...]] = []

    @connection_failed.connect_via(bed.app)
    def receiver(sender: Flask, user: Any) -> None:
        heard.append((sender, user.email))

    bed.add_user(OTHER)
    bed.connect(owner, "plain", SUBJECT)
    bed.browser().sign_in(EMAIL).trip("/connect/plain")

    assert heard == [(bed.app, EMAIL)]


def test_connection_failed_is_for_nothing_else(bed: Bed) -> None:
    heard: list[tuple[Any, ...]] = []

    @connection_failed.connect_via(bed.app)
    def receiver(sender: Flask, user: Any) -> None:
        heard.append((sender, user.email))

    browser = bed.browser().sign_in(EMAIL)
    browser.trip("/connect/plain")
    bed.sandbox.deny()
    browser.trip("/connect/acme")
    browser.delete("/connect/acme")

    assert heard == []


@pytest.mark.parametrize("path", ["/connect/plain", f"/connect/plain/{SUBJECT}"])
def test_connection_removed_tells_the_user_and_the_provider_s_id(bed: Bed, path: str) -> None:
    heard: list[tuple[Any, ...]] = []

    @connection_removed.connect_via(bed.app)
    def receiver(sender: Flask, user: Any, provider_id: str) -> None:
        heard.append((sender, user.email, provider_id))

    bed.connect(EMAIL, "plain", SUBJECT)
    browser = bed.browser().sign_in(EMAIL)
    browser.delete(path)
    browser.delete(path)

    assert heard == [(bed.app, EMAIL, "plain")]


def test_login_failed_tells_the_provider_and_its_answer_but_not_of_denials(bed: Bed) -> None:
    heard: list[tuple[Any, ...]] = []

    @login_failed.connect_via(bed.app)
    def receiver(sender: Flask, provider: Any, oauth_response: Any) -> None:
        heard.append((sender, provider, oauth_response["token_type"]))

    bed.browser().trip("/login/plain")
    bed.sandbox.deny()
    bed.browser().trip("/login/plain")

    assert heard == [(bed.app, provider_of(bed), "Bearer")]


def test_login_completed_tells_the_provider_and_the_user(bed: Bed) -> None:
    heard: list[tuple[Any, ...]] = []

    @login_completed.connect_via(bed.app)
    def receiver(sender: Flask, provider: Any, user: Any) -> None:
        heard.append((sender, provider, user.email))

    bed.browser().trip("/login/plain")
    bed.connect(EMAIL, "plain", SUBJECT)
    bed.browser().trip("/login/plain")

    assert heard == [(bed.app, provider_of(bed), EMAIL)]


def provider_of(bed: Bed) -> Any:
    """``social.plain``, as the application has it."""
    return bed.app.extensions["social"].plain


# Ways to listen.


def every_signal(bed: Bed) -> None:
    """What makes all five be sent, in the order of :data:`IN_ORDER`."""
    stranger, browser = bed.browser(), bed.browser().sign_in(EMAIL)
    stranger.trip("/login/plain")
    browser.trip("/connect/plain")
    browser.trip("/connect/plain")
    stranger.trip("/login/plain")
    browser.delete("/connect/plain")


IN_ORDER = [
    "login-failed",
    "connection-created",
    "connection-failed",
    "login-success",
    "connection-removed",
]


def test_async_receivers_are_run(bed: Bed) -> None:
    heard: list[str] = []

    @connection_created.connect_via(bed.app)
    async def created(sender: Flask, user: Any, connection: Any) -> None:
        await asyncio.sleep(0)
        heard.append("connection-created")

    @connection_failed.connect_via(bed.app)
    async def failed(sender: Flask, user: Any) -> None:
        await asyncio.sleep(0)
        heard.append("connection-failed")

    @connection_removed.connect_via(bed.app)
    async def removed(sender: Flask, user: Any, provider_id: str) -> None:
        await asyncio.sleep(0)
        heard.append("connection-removed")

    @login_failed.connect_via(bed.app)
    async def refused(sender: Flask, provider: Any, oauth_response: Any) -> None:
        await asyncio.sleep(0)
        heard.append("login-failed")

    @login_completed.connect_via(bed.app)
    async def completed(sender: Flask, provider: Any, user: Any) -> None:
        await asyncio.sleep(0)
        heard.append("login-success")

    every_signal(bed)

    assert heard == IN_ORDER


def test_a_receiver_for_every_sender_hears_all_applications_and_one_for_an_app_that_one(
    bed: Bed, make_bed: Callable[..., Bed]
) -> None:
    another = make_bed()
    another.add_user(EMAIL)
    everything: list[Flask] = []
    its_own: list[Flask] = []

    def of_all(sender: Flask, user: Any, connection: Any) -> None:
        assert current_app == sender
        everything.append(sender)

    def of_one(sender: Flask, user: Any, connection: Any) -> None:
        its_own.append(sender)

    connection_created.connect(of_all)
    connection_created.connect(of_one, another.app)
    try:
        for each in (bed, another):
            each.browser().sign_in(EMAIL).trip("/connect/plain")
    finally:
        connection_created.disconnect(of_all)

    assert everything == [bed.app, another.app]
    assert its_own == [another.app]
