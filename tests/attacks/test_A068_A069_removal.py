"""A068 and A069: a connection is removed by its owner alone, on this site, and never the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask_wtf import CSRFProtect

from tests.bed import Bed, Browser

U1, U2 = "one@example.org", "two@example.org"
JSON = {"Accept": "application/json"}
REMOVALS: dict[str, Callable[..., Any]] = {
    "DELETE one": lambda browser, **given: browser.delete("/connect/acme/5", **given),
    "POST one": lambda browser, **given: browser.post("/connect/acme/5", **given),
    "DELETE all": lambda browser, **given: browser.delete("/connect/acme", **given),
    "POST all": lambda browser, **given: browser.post("/disconnect/acme", **given),
}
ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
]


@pytest.fixture
def two(bed: Bed) -> Bed:
    """U1 has nothing connected, U2 one account."""
    bed.add_user(U1)
    bed.add_user(U2)
    bed.connect(U2, "acme", "5")
    return bed


def untouched(bed: Bed) -> None:
    [row] = bed.rows()
    assert (row.provider_user_id, row.access_token, row.version) == ("5", "stored before", 1)
    assert bed.signals("connection_removed") == []


def test_A068_removing_somebody_elses_connection(two: Bed) -> None:
    thief, owner = two.browser().sign_in(U1), two.browser().sign_in(U2)
    for remove in REMOVALS.values():
        answer = remove(thief, headers=JSON)
        assert (answer.status_code, answer.json()["response"]["code"]) == (404, "not_found")
    untouched(two)
    for remove in REMOVALS.values():
        assert remove(owner, headers=JSON).status_code == 200
        assert two.rows() == []
        two.connect(U2, "acme", "5")


def test_A068_another_site_removes_nothing(two: Bed) -> None:
    owner = two.browser().sign_in(U2)
    for remove in REMOVALS.values():
        for headers in ELSEWHERE:
            assert remove(owner, headers=headers).status_code == 403, headers
    untouched(two)
    assert owner.who() == U2


def test_A068_without_the_token_that_the_application_wants(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(WTF_CSRF_ENABLED=True)
    CSRFProtect(bed.app)
    bed.add_user(U2)
    bed.connect(U2, "acme", "5")
    owner = bed.browser()
    sign_in_by_form(owner)
    for remove in REMOVALS.values():
        assert remove(owner).status_code == 400
    untouched(bed)
    page = owner.get("/connect/acme/5").text
    assert owner.post("/connect/acme/5", data={"csrf_token": token_in(page)}).status_code == 303
    assert bed.rows() == []


def sign_in_by_form(browser: Browser) -> None:
    page = browser.get("/login").text
    form = {"email": U2, "password": "correct horse battery", "csrf_token": token_in(page)}
    assert browser.post("/login", data=form).status_code == 302


def token_in(page: str) -> str:
    return page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]


def test_A068_looking_removes_nothing(two: Bed) -> None:
    """By GET, as an image, a link and a form with ``method=DELETE`` are sent."""
    owner = two.browser().sign_in(U2)
    for path in ("/connect/acme/5", "/connect/acme", "/disconnect/acme", "/connections"):
        assert owner.get(path).status_code in (200, 303, 302)
        assert owner.get(f"{path}?provider_user_id=5&_method=DELETE").status_code < 400
        owner.http.head(two.url + path, timeout=60)
    untouched(two)


def test_A068_nobody_removes_nothing(two: Bed) -> None:
    for remove in REMOVALS.values():
        assert remove(two.browser(), headers=JSON).status_code == 401
        assert remove(two.browser()).headers["Location"].startswith("/login")
    untouched(two)


# The last way in.


@pytest.mark.parametrize("way", ["DELETE all", "POST all"])
def test_A069_all_at_once_are_the_last_way_in_too(bed: Bed, way: str) -> None:
    bed.sandbox["acme"].set("claims", sub="5")
    bed.sandbox["acme"].set("userinfo", sub="5")
    bed.add_user(U1, password=None)
    bed.connect(U1, "acme", "5")
    bed.connect(U1, "acme", "6")
    owner = bed.browser()
    owner.trip("/login/acme")
    assert owner.who() == U1

    answer = REMOVALS[way](owner, headers=JSON)

    assert (answer.status_code, answer.json()["response"]["code"]) == (409, "last_way_in")
    assert "only way to sign in" in answer.text
    assert [row[2] for row in bed.accounts()] == ["5", "6"]
    bed.connect(U1, "plain", "7")
    assert REMOVALS[way](owner, headers=JSON).status_code == 200
    assert [row[1:] for row in bed.accounts()] == [("plain", "7")]


def test_A069_one_after_the_other(bed: Bed) -> None:
    bed.sandbox["plain"].set("api", id=7)
    bed.add_user(U1, password=None)
    bed.connect(U1, "plain", "7")
    bed.connect(U1, "acme", "5")
    owner = bed.browser()
    owner.trip("/login/plain")

    assert owner.delete("/connect/acme/5", headers=JSON).status_code == 200
    assert owner.delete("/connect/plain/7", headers=JSON).status_code == 409

    assert [row[1:] for row in bed.accounts()] == [("plain", "7")]
    assert len(bed.signals("connection_removed")) == 1
    again = bed.browser()
    again.trip("/login/plain")
    assert again.who() == U1, "and it still is a way in"
