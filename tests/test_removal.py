"""Removing connections: one, all, somebody else's, the last way in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bed import Bed

U1, U2 = "one@example.org", "two@example.org"
JSON = {"Accept": "application/json"}


def test_all_connections_to_a_provider_are_removed_by_delete_or_post(bed: Bed) -> None:
    bed.add_user(U1)
    for send in ("delete", "post"):
        for subject in ("1", "2"):
            bed.connect(U1, "acme", subject)
        bed.connect(U1, "plain", "3")
        browser = bed.browser().sign_in(U1)

        if send == "delete":
            answer = browser.delete("/connect/acme", headers=JSON)
        else:
            answer = browser.post("/disconnect/acme", headers=JSON)

        assert (answer.status_code, answer.json()["response"]["code"]) == (200, "removed_all")
        assert [row[1:] for row in bed.accounts()] == [("plain", "3")]
        browser.post("/disconnect/plain")
    told = [
        (each["provider_id"], each["provider_user_id"])
        for each in bed.signals("connection_removed")
    ]
    assert told == [("acme", "1"), ("acme", "2"), ("plain", "3")] * 2


@pytest.mark.parametrize("subject", ["5", "a/b", "/a", "a//b", "a b", "ä", "a%2Fb", "."])
def test_one_of_several_is_removed_whatever_its_id_looks_like(bed: Bed, subject: str) -> None:
    bed.add_user(U1)
    bed.connect(U1, "acme", subject)
    bed.connect(U1, "acme", "stays")
    browser = bed.browser().sign_in(U1)

    answer = browser.post("/disconnect/acme", data={"provider_user_id": subject}, headers=JSON)

    assert (answer.status_code, answer.json()["response"]["code"]) == (200, "removed")
    assert [row[2] for row in bed.accounts()] == ["stays"]


def test_A068_somebody_elses_connection_is_not_there(bed: Bed) -> None:
    bed.add_user(U1)
    bed.add_user(U2)
    bed.connect(U2, "acme", "5")
    browser = bed.browser().sign_in(U1)

    for answer in (
        browser.delete("/connect/acme/5", headers=JSON),
        browser.post("/connect/acme/5", headers=JSON),
        browser.post("/disconnect/acme", json={"provider_user_id": "5"}, headers=JSON),
        browser.get("/connect/acme/5", headers=JSON),
    ):
        assert answer.status_code == 404
        assert answer.json()["response"]["code"] == "not_found"
    assert bed.accounts() == [(U2, "acme", "5")]
    assert bed.signals("connection_removed") == []


def test_a_form_with_method_delete_leads_to_a_page_that_confirms(bed: Bed) -> None:
    bed.add_user(U1)
    bed.connect(U1, "acme", "5")
    browser = bed.browser().sign_in(U1)

    page = browser.get("/connect/acme/5")  # what browsers make of such a form

    assert page.status_code == 200
    assert 'method="post"' in page.text
    assert bed.accounts() == [(U1, "acme", "5")], "looking removes nothing"
    browser.post("/connect/acme/5")
    assert bed.accounts() == []


def test_the_page_that_confirms_leads_where_the_form_says_and_only_on_this_site(bed: Bed) -> None:
    bed.add_user(U1)
    bed.connect(U1, "acme", "5")
    browser = bed.browser().sign_in(U1)

    page = browser.get("/connect/acme/5?next=/profile").text
    assert '<input type="hidden" name="next" value="/profile">' in page
    assert 'href="/profile">Keep it' in page

    elsewhere = browser.get("/connect/acme/5?next=https://evil.example/").text
    assert "evil.example" not in elsewhere
    assert 'href="/connections">Keep it' in elsewhere


def test_A069_the_last_way_in_stays(bed: Bed) -> None:
    bed.add_user(U1, password=None)
    bed.sandbox.login_as("ada")
    bed.connect(U1, "acme", "another")
    with_ada = bed.browser()
    bed.sandbox["plain"].set("api", id=7)
    bed.connect(U1, "plain", "7")
    with_ada.trip("/login/plain")
    assert with_ada.who() == U1

    first = with_ada.delete("/connect/acme/another", headers=JSON)
    second = with_ada.delete("/connect/plain/7", headers=JSON)
    page = with_ada.post("/connect/plain/7")

    assert first.status_code == 200
    assert (second.status_code, second.json()["response"]["code"]) == (409, "last_way_in")
    assert page.status_code == 303
    assert "your only way to sign in" in with_ada.get("/connections").text
    assert [row[1:] for row in bed.accounts()] == [("plain", "7")]


def test_a_connection_to_a_provider_that_is_gone_is_no_way_in(bed: Bed) -> None:
    bed.add_user(U1, password=None)
    bed.connect(U1, "gone", "1")
    bed.sandbox["plain"].set("api", id=7)
    bed.connect(U1, "plain", "7")
    browser = bed.browser()
    browser.trip("/login/plain")

    assert browser.delete("/connect/plain/7", headers=JSON).status_code == 409
    page = browser.get("/connections")
    assert page.status_code == 200
    assert "Gone" in page.text
    assert browser.delete("/connect/gone/1", headers=JSON).status_code == 200


def test_the_operator_may_let_people_lock_themselves_out(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed(SOCIAL_ALLOW_LAST_DISCONNECT=True)
    bed.add_user(U1, password=None)
    bed.sandbox["plain"].set("api", id=7)
    bed.connect(U1, "plain", "7")
    browser = bed.browser()
    browser.trip("/login/plain")
    assert browser.delete("/connect/plain/7", headers=JSON).status_code == 200
