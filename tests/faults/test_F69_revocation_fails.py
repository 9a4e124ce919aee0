"""F69: the token cannot be given back at a disconnect, which succeeds all the same."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from flask_social.sandbox import Fault, Headers, Redirect, Reset, Size, Status, Truncate
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.revocable import JSON, U1, connected, with_revocation

HINT = (
    "did not confirm that it ended this site&#39;s access. You can end it in the settings of your "
    "account there."
)
IS_JSON = {"Content-Type": "application/json"}
FAULTS: dict[str, Callable[[ServedSandbox], Fault]] = {
    "400": lambda box: Status(400),
    "400 in the standard's words": lambda box: Status(400, '{"error": "invalid_request"}', IS_JSON),
    "401": lambda box: Status(401, '{"error": "invalid_client"}', IS_JSON),
    "403 as a page": lambda box: Status(403, "<h1>No</h1>", {"Content-Type": "text/html"}),
    "404": lambda box: Status(404),
    "429": lambda box: Status(429, "", {"Retry-After": "3"}),
    "500": lambda box: Status(500),
    "503": lambda box: Status(503, "", {"Retry-After": "3"}),
    "504": lambda box: Status(504),
    "reset": lambda box: Reset(),
    "reset, though it took effect": lambda box: Reset(late=True),
    "cut short": lambda box: Truncate(1),
    "redirect": lambda box: Redirect(f"{box.url}sink/caught", 307),
    "2 MB": lambda box: Size(2_000_000),
    "compressed": lambda box: Headers({"Content-Encoding": "br"}),
}


@pytest.fixture
def bed(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    return with_revocation(make_bed, box)


@pytest.mark.parametrize("fault", FAULTS)
def test_F69_the_page_says_where_to_end_it(
    bed: Bed, box: ServedSandbox, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    browser = connected(bed, "plain")
    [row] = bed.rows()
    box["plain"].fail("revoke", FAULTS[fault](box))
    caplog.clear()

    with caplog.at_level(logging.INFO, "flask_social"):
        answer = browser.post(f"/connect/plain/{row.provider_user_id}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    page = browser.get("/connections").text
    assert f"Your Plain account is disconnected here, but Plain {HINT}" in page
    assert "No account is connected yet." in page
    assert bed.rows() == []
    assert browser.who() == U1
    assert box.count("plain", "revoke") == 1, "nobody tries again"
    assert list(box.sink) == [], "the token goes nowhere else"
    [told] = [each for each in caplog.records if "a token was" in each.getMessage()]
    assert told.levelno == logging.WARNING
    assert told.getMessage().startswith("plain: a token was not revoked: ")
    assert row.access_token not in caplog.text + page
    assert row.refresh_token not in caplog.text + page


def test_F69_a_provider_that_is_away(bed: Bed, box: ServedSandbox) -> None:
    browser = connected(bed, "acme")
    box.go_down()
    try:
        answer = browser.delete("/connect/acme", headers=JSON)
    finally:
        box.come_up()
    assert answer.json()["response"]["code"] == "removed_all_not_revoked"
    assert "in the settings of your accounts there" in answer.json()["response"]["message"]
    assert bed.rows() == []


def test_F69_metadata_that_cannot_be_had(bed: Bed, box: ServedSandbox) -> None:
    """Where the address is known from nowhere else, as after a restart."""
    browser = connected(bed, "acme")
    bed.app.extensions["social"].wire._cache.__init__()
    box["acme"].fail("discovery", Status(500))
    answer = browser.delete("/connect/acme", headers=JSON)
    assert answer.json()["response"]["code"] == "removed_all_not_revoked"
    assert (bed.rows(), box.count("acme", "revoke")) == ([], 0)


def test_F69_the_next_connection_is_as_good_as_any(bed: Bed, box: ServedSandbox) -> None:
    browser = connected(bed, "plain")
    box["plain"].fail("revoke", Status(503, times=1))
    browser.post("/disconnect/plain")
    assert browser.trip("/connect/plain").status_code == 303
    [row] = bed.rows()
    answer = browser.post("/disconnect/plain", headers=JSON)
    assert answer.json()["response"]["code"] == "removed_all"
    assert box["plain"].access_tokens[row.access_token].grant.revoked


@pytest.mark.parametrize("way", ["removed_not_revoked", "removed_all_not_revoked"])
def test_F69_the_words_are_the_application_s_to_change(
    make_bed: Callable[..., Bed], box: ServedSandbox, way: str
) -> None:
    words = {f"SOCIAL_MSG_{way.upper()}": ("Visit {provider} too.", "warning")}
    bed = with_revocation(make_bed, box, **words)
    browser = connected(bed, "plain")
    [row] = bed.rows()
    box["plain"].fail("revoke", Status(500))
    path = "/disconnect/plain" if "all" in way else f"/connect/plain/{row.provider_user_id}"
    browser.post(path)
    assert "Visit Plain too." in browser.get("/connections").text
