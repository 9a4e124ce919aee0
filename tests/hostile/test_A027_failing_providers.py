"""A027: however a provider fails, and at whatever endpoint, no secret is told to anybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flask_social.sandbox import (
    Charset,
    Fault,
    Gzip,
    Headers,
    Redirect,
    Reset,
    Size,
    Status,
    Truncate,
)
from tests.attacks.leaks import Echo, Watched
from tests.attacks.test_A027_nothing_secret_in_logs import GRANTED

ASKED = {
    "acme": ("discovery", "jwks", "token"),
    "classic": ("request_token", "access_token", "api"),
    "foursquare": ("token", "api"),
}
"""The endpoints of a provider, in the order in which one that fails keeps the others from it."""


def all_faults(sink: str) -> Iterator[Fault]:
    yield from (Status(code, "out of order") for code in (401, 429, 500))
    yield Reset()
    yield Truncate(5)
    yield Redirect(sink)
    yield Size(2_000_000)
    yield Gzip()
    yield Headers({"Content-Type": "text/html"})
    yield Charset("utf-16")
    for member in ("error", "error_description", "access_token"):
        yield Echo(400, member)
        yield Echo(200, member)


@pytest.mark.parametrize("provider_id", ASKED)
def test_A027_a_provider_that_fails_in_every_way(watched: Watched, provider_id: str) -> None:
    provider = watched.bed.sandbox[provider_id]
    statuses, pages = set(), []
    for endpoint in ASKED[provider_id]:
        for fault in all_faults(f"{watched.bed.sandbox.url}sink/caught"):
            provider.fail(endpoint, fault)
            browser = watched.browser()
            answer = browser.post(f"/login/{provider_id}")
            if answer.status_code == 303:
                answer = browser.get(browser.at_provider(answer.headers["Location"]))
            statuses.add(answer.status_code)
            pages.append(answer.text)
            provider.clear()
    watched.connected(provider_id)
    assert statuses >= {502, 503}
    assert len(watched.bed.signals("provider_failed")) >= 10
    watched.knows(*GRANTED[provider_id])
    assert watched.secrets.shown_in("\n".join(pages)) == []
    for told in watched.bed.signals("provider_failed"):
        error = told["error"]
        assert watched.secrets.shown_in(f"{error} {error!r} {vars(error)!r}") == []
