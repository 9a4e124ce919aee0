"""A visitor meets a provider in trouble: what they see, what is kept, and that it passes."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from flask_social.sandbox import Provider
from tests.bed import Bed, Browser

U1 = "one@example.org"
BUTTON = re.compile(r'<a class="social-button" href="(/login/[^"]+)">Start again</a>')
OTHER_WAYS = '<a href="/login">Other ways to sign in</a>'
CODE = re.compile(r"<code>([0-9a-f]{16})</code>")

UNEXPECTED = "did not answer as expected. Nothing was changed."


@dataclass(frozen=True)
class Ended:
    """How a trip ended."""

    answer: requests.Response
    line: str
    """The one line of the log."""
    level: int


@dataclass
class Visits:
    """Ada comes by one provider to an application where she is U1."""

    bed: Bed
    log: pytest.LogCaptureFixture
    provider_id: str = "plain"
    plays: str = ""
    """The sandbox's provider behind it, where that has another name."""
    endpoint: str = "token"
    subject: str = field(init=False)
    pressed: set[str] = field(default_factory=set)
    """The buttons that were pressed, as it is the same one on each page."""

    def __post_init__(self) -> None:
        self.plays = self.plays or self.provider_id
        if not self.bed.users():
            self.bed.add_user(U1)
        self.bed.browser().sign_in(U1).trip(f"/connect/{self.provider_id}")
        [self.subject] = [
            subject for _, provider, subject in self.bed.accounts() if provider == self.provider_id
        ]

    def by(self, provider_id: str) -> Visits:
        """Visits by another provider of the application, where Ada has no account yet."""
        other = copy(self)
        other.provider_id = provider_id
        return other

    @property
    def provider(self) -> Provider:
        return self.bed.sandbox[self.plays]

    def kept(self) -> dict[str, list[Any]]:
        """All that the database holds, but for the flows that were spent."""
        with self.bed.app.app_context():
            tables = [each for each in self.bed.db.metadata.sorted_tables if _stays(each)]
            return {
                each.name: [tuple(row) for row in self.bed.db.session.execute(sa.select(each))]
                for each in tables
            }

    def fails(
        self,
        status: int,
        words: str,
        code: str,
        *,
        asked: int | None = 1,
        at_start: bool = False,
        browser: Browser | None = None,
    ) -> Ended:
        """The next login ends with a page, changes nothing, and is told of once.

        :param asked: how many requests the token endpoint has had then; ``None``: who knows.
        :param at_start: the visitor never gets as far as the provider.
        """
        before, browser = self.kept(), browser or self.bed.browser()
        self.begin_anew()
        with self.log.at_level(logging.DEBUG):
            answer = self.come(browser, at_start)
        assert (answer.status_code, words in answer.text) == (status, True), answer.text
        assert asked in (None, self.asked())
        assert self.kept() == before
        assert browser.who() is None
        assert [name for name, _ in self.bed.told] == ["provider_failed"]
        [told] = self.bed.signals("provider_failed")
        assert (told["provider"].id, told["error"].code) == (self.provider_id, code)
        self.leads_on(browser, answer)
        return Ended(answer, *self.logged(answer, code))

    def come(self, browser: Browser, at_start: bool) -> requests.Response:
        """The answer that ends the trip."""
        if at_start:
            answer = browser.post(f"/login/{self.provider_id}")
            assert not any(
                name.startswith("social-flow") for name in browser.http.cookies.get_dict()
            )
            return answer
        return browser.trip(f"/login/{self.provider_id}")

    def leads_on(self, browser: Browser, answer: requests.Response) -> None:
        """The page has a button to start again, and tells of other ways in."""
        assert "Location" not in answer.headers
        assert OTHER_WAYS in answer.text
        button = BUTTON.search(answer.text)
        assert button
        if button[1] not in self.pressed:
            self.pressed.add(button[1])
            page = browser.get(button[1].replace("&amp;", "&"))
            assert (page.status_code, "Continue to" in page.text) == (200, True)

    def logged(self, answer: requests.Response, code: str) -> tuple[str, int]:
        """The one line in the log, which the page names, and its level."""
        [record] = [each for each in self.log.records if each.name == "flask_social"]
        correlation = CODE.search(answer.text)
        assert correlation
        line = record.getMessage()
        assert correlation[1] in line
        assert f": {code} ({answer.status_code}) " in line
        assert len(line) < 500
        assert not re.search(r"sbx_| secret\b", line)
        return line, record.levelno

    def works(self) -> None:
        """The next login signs U1 in and renews the token."""
        self.begin_anew()
        browser = self.bed.browser()
        answer = browser.trip(f"/login/{self.provider_id}")
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/home"), answer.text
        assert browser.who() == U1
        assert self.asked() == 1
        assert [name for name, _ in self.bed.told] == ["login_completed"]
        assert self.row().access_token in self.provider.access_tokens

    def mended(self) -> None:
        """The provider is well again, and the next login works."""
        self.provider.honest()
        self.works()

    @contextmanager
    def hasty(self, seconds: float) -> Iterator[None]:
        """The application gives a call to a provider no more than *seconds*."""
        wire = self.bed.app.extensions["social"].wire
        patient = wire.options
        wire.options = replace(patient, call_timeout=seconds)
        try:
            yield
        finally:
            wire.options = patient

    def asked(self, endpoint: str = "") -> int:
        """How many requests have come to an endpoint, or to that for tokens."""
        return self.bed.calls(self.plays, endpoint or self.endpoint)

    def row(self) -> Any:
        """The connection by which Ada comes."""
        [row] = [each for each in self.bed.rows() if each.provider_id == self.provider_id]
        assert row.provider_user_id == self.subject
        return row

    def begin_anew(self) -> None:
        """Forget what was told, logged and counted."""
        self.bed.told.clear()
        self.log.clear()
        self.bed.sandbox.reset_counters()


def _stays(table: sa.Table) -> bool:
    return "spent" not in table.name
