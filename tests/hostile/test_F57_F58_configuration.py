"""F57 and F58: the configuration changes under the rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flask_social.sandbox import ProviderScript
from flask_social.testing import ServedSandbox
from tests.bed import Bed

U1, U2 = "one@example.org", "two@example.org"
JSON = {"Accept": "application/json"}
MakeBed = Callable[..., Bed]


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/app.db?timeout=60"


def state(bed: Bed) -> list[tuple[Any, ...]]:
    return [
        (row.user_id, row.provider_id, row.provider_user_id, row.issuer, row.access_token)
        for row in bed.rows()
    ]


# F57: a provider goes, its rows stay.


@pytest.fixture
def left(make_bed: MakeBed, database: str) -> Bed:
    """U1 was connected to both providers; then ``plain`` was taken out of the configuration."""
    bed = make_bed(database=database)
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    browser.trip("/connect/acme")
    browser.trip("/connect/plain")
    return make_bed(database=database, SOCIAL_PLAIN=None)


def test_F57_a_provider_that_is_gone_is_listed_as_not_available(left: Bed) -> None:
    before = state(left)
    browser = left.browser().sign_in(U1)

    page = browser.get("/connections").text

    assert "Plain is not available here any more." in page
    assert 'action="/reconnect/plain"' not in page
    assert 'action="/connect/plain"' not in page
    assert f'action="/connect/plain/{before[1][2]}"' in page
    assert browser.get(f"/connect/plain/{before[1][2]}").status_code == 200
    assert state(left) == before


ROUTES = [
    ("post", "/login/plain"),
    ("get", "/login/plain"),
    ("get", "/login/plain?code=x&state=y"),
    ("post", "/connect/plain"),
    ("get", "/connect/plain"),
    ("get", "/connect/plain?code=x&state=y"),
    ("post", "/reconnect/plain"),
    ("get", "/reconnect/plain"),
    ("post", "/verify/plain"),
    ("get", "/verify/plain"),
    ("get", "/callback/plain?code=x&state=y"),
    ("post", "/callback/plain"),
]


def test_F57_nothing_sets_out_to_it_or_comes_back(left: Bed) -> None:
    before = state(left)
    visitor, member = left.browser(), left.browser().sign_in(U1)
    for method, path in ROUTES:
        browser = visitor if path.startswith("/login") else member
        page = getattr(browser, method)(path)
        assert page.status_code == 404, path
        assert "There is no such provider here." in page.text
        assert "Start again" not in page.text
        told = getattr(browser, method)(path, headers=JSON)
        assert (told.status_code, told.json()["response"]["code"]) == (404, "unknown_provider")
    assert state(left) == before


@pytest.mark.parametrize("way", ["delete one", "post one", "delete all", "disconnect"])
def test_F57_its_rows_can_be_removed(left: Bed, way: str) -> None:
    browser, subject = left.browser().sign_in(U1), state(left)[1][2]
    answer = {
        "delete one": lambda: browser.delete(f"/connect/plain/{subject}"),
        "post one": lambda: browser.post(f"/connect/plain/{subject}"),
        "delete all": lambda: browser.delete("/connect/plain"),
        "disconnect": lambda: browser.post("/disconnect/plain"),
    }[way]()

    assert answer.headers["Location"] == "/connections"
    assert [row[1] for row in left.accounts()] == ["acme"]
    assert "disconnected" in browser.get("/connections").text
    assert left.browser().trip("/login/acme").headers["Location"] == "/home"


def test_F57_it_is_no_way_in_while_it_is_gone(left: Bed) -> None:
    left.change_user(U1, password=None)
    browser = left.browser()
    browser.trip("/login/acme")
    assert browser.post("/disconnect/acme", headers=JSON).status_code == 409
    assert len(left.rows()) == 2


def test_F57_back_in_the_configuration_it_works_as_before(
    left: Bed, make_bed: MakeBed, database: str
) -> None:
    bed = make_bed(database=database)
    browser = bed.browser()
    assert browser.trip("/login/plain").headers["Location"] == "/home"
    assert browser.who() == U1
    assert "not available" not in browser.get("/connections").text


def test_F57_a_trip_that_was_under_way_ends_in_a_404(make_bed: MakeBed, database: str) -> None:
    bed = make_bed(database=database)
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/plain"))
    later = make_bed(database=database, SOCIAL_PLAIN=None)
    browser.bed = later
    assert browser.get(callback.replace(bed.url, later.url)).status_code == 404
    assert later.calls("plain") == 0


# F58: two providers swap their names.


def of(box: ServedSandbox, issuer: str) -> dict[str, str]:
    """A provider's configuration."""
    return {"consumer_key": "k", "consumer_secret": "s", "issuer": f"{box.url}{issuer}"}


@pytest.fixture
def swapped(make_bed: MakeBed, box: ServedSandbox, database: str) -> Bed:
    """``here`` was one issuer and ``there`` another, when U1 and U2 connected; then they swapped.

    Both give everybody the same ids, so that nothing but the issuer tells accounts apart.
    """
    for issuer in ("east", "west"):
        box.add_provider(ProviderScript(id=issuer))
        box[issuer].set("claims", sub="1")
        box[issuer].set("userinfo", sub="1")
    box.login_as("ada")
    before = make_bed(database=database, SOCIAL_HERE=of(box, "east"), SOCIAL_THERE=of(box, "west"))
    for email, provider_id in ((U1, "here"), (U2, "there")):
        before.add_user(email)
        before.browser().sign_in(email).trip(f"/connect/{provider_id}")
    assert before.accounts() == [(U1, "here", "1"), (U2, "there", "1")]
    assert before.browser().trip("/login/here").headers["Location"] == "/home"
    return make_bed(database=database, SOCIAL_HERE=of(box, "west"), SOCIAL_THERE=of(box, "east"))


@pytest.mark.parametrize("provider_id", ["here", "there"])
def test_F58_a_login_by_a_row_of_another_issuer_is_refused_and_the_operator_told(
    swapped: Bed, provider_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = state(swapped)
    browser = swapped.browser()

    with caplog.at_level(logging.ERROR, "flask_social"):
        answer = browser.trip(f"/login/{provider_id}")

    assert answer.status_code == 502
    assert "Nothing was changed" in answer.text
    assert browser.who() is None
    assert swapped.signals("login_completed") == []
    assert len(swapped.signals("provider_failed")) == 1
    assert state(swapped) == before
    [record] = [each for each in caplog.records if each.name == "flask_social"]
    assert f"check the issuer of SOCIAL_{provider_id.upper()}" in record.getMessage()


@pytest.mark.parametrize("intent", ["connect", "reconnect", "verify"])
@pytest.mark.parametrize("email", [U1, U2])
def test_F58_nor_does_anything_else_take_the_row(swapped: Bed, intent: str, email: str) -> None:
    before = state(swapped)
    browser = swapped.browser().sign_in(email)
    provider_id = "here" if (email == U1) != (intent == "connect") else "there"

    answer = browser.trip(f"/{intent}/{provider_id}")

    assert answer.status_code == 502
    assert state(swapped) == before
    assert swapped.signals("connection_updated") == swapped.signals("connection_created") == []


def test_F58_nor_is_a_newcomer_handler_asked(swapped: Bed) -> None:
    asked: list[Any] = []
    swapped.social.newcomer_handler(asked.append)
    swapped.browser().trip("/login/here")
    assert asked == []


def test_F58_a_trip_begun_before_the_swap_ends_nowhere(
    swapped: Bed, make_bed: MakeBed, box: ServedSandbox, database: str
) -> None:
    browser = swapped.browser()
    callback = browser.at_provider(browser.set_out("/login/here"))
    back = make_bed(database=database, SOCIAL_HERE=of(box, "east"), SOCIAL_THERE=of(box, "west"))
    browser.bed = back
    box.reset_counters()
    assert browser.get(callback.replace(swapped.url, back.url)).status_code == 400
    assert back.calls("east") == back.calls("west") == 0
    assert back.browser().trip("/login/here").headers["Location"] == "/home", "and all is well"
