"""Every outcome that flashed a message in 1.6 flashes one, in the same category."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser
from tests.documented.told import flashes_of, with_flashes

EMAIL = "user@example.org"
Walk = Callable[[Browser, ServedSandbox], object]


def connect(browser: Browser, box: ServedSandbox) -> None:
    browser.sign_in(EMAIL).trip("/connect/plain")


def connect_twice(browser: Browser, box: ServedSandbox) -> None:
    connect(browser, box)
    flashes_of(browser)
    browser.trip("/connect/plain")


def deny_connecting(browser: Browser, box: ServedSandbox) -> None:
    box.deny()
    connect(browser, box)


def deny_logging_in(browser: Browser, box: ServedSandbox) -> None:
    box.deny()
    browser.trip("/login/plain")


def log_in_unlinked(browser: Browser, box: ServedSandbox) -> None:
    browser.trip("/login/plain")


def remove_what_is_not_there(browser: Browser, box: ServedSandbox) -> None:
    browser.sign_in(EMAIL).delete("/connect/plain/42")


def remove_all_of_none(browser: Browser, box: ServedSandbox) -> None:
    browser.sign_in(EMAIL).delete("/connect/plain")


def remove_one(browser: Browser, box: ServedSandbox) -> None:
    box["plain"].set("api", id=42)
    connect(browser, box)
    flashes_of(browser)
    browser.delete("/connect/plain/42")


def remove_all(browser: Browser, box: ServedSandbox) -> None:
    connect(browser, box)
    flashes_of(browser)
    browser.delete("/connect/plain")


OUTCOMES: list[tuple[Walk, str, str]] = [
    (connect, "success", "Your Plain account is connected."),
    (connect_twice, "notice", "This Plain account is already connected to yours."),
    (deny_connecting, "error", "You cancelled at Plain. Nothing was changed."),
    (deny_logging_in, "error", "You cancelled at Plain. Nothing was changed."),
    (
        log_in_unlinked,
        "error",
        "No account here is connected to this Plain account. "
        "Sign in another way first, then connect it.",
    ),
    (remove_what_is_not_there, "error", "There is no such connection."),
    (remove_all_of_none, "error", "There is no such connection."),
    (remove_one, "info", "Your Plain account is disconnected."),
    (remove_all, "info", "All your Plain accounts are disconnected."),
]


@pytest.mark.parametrize(
    ("walk", "category", "text"), OUTCOMES, ids=[walk.__name__ for walk, _, _ in OUTCOMES]
)
def test_an_outcome_flashes_one_message_in_its_category(
    bed: Bed, walk: Walk, category: str, text: str
) -> None:
    browser = with_flashes(bed).browser()
    bed.add_user(EMAIL)

    walk(browser, bed.sandbox)

    assert flashes_of(browser) == [(category, text)]
    assert flashes_of(browser) == []
