"""What an application tells its visitors by flash messages, on a page of its own."""

from __future__ import annotations

from flask import get_flashed_messages

from tests.bed import Bed, Browser


def with_flashes(bed: Bed) -> Bed:
    """*bed* with a page that takes the flash messages out of the session, as templates do."""

    @bed.app.get("/flashes")
    def flashes() -> list[list[str]]:
        return [list(each) for each in get_flashed_messages(with_categories=True)]

    return bed


def flashes_of(browser: Browser) -> list[tuple[str, str]]:
    """Category and text of every message that waits for *browser*."""
    return [(category, text) for category, text in browser.get("/flashes").json()]
