"""The endpoints that applications written for 1.6 link to: rule, verb, guard and what each does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask import request, url_for

from tests.bed import Bed, Browser

EMAIL = "user@example.org"
JSON = {"Accept": "application/json"}
SUBJECT = "42"

TABLE = [
    ("/login/plain", "POST", "social.login", "anonymous"),
    ("/login/plain", "GET", "social.login_callback", "anonymous"),
    ("/connect/plain", "POST", "social.connect", "signed in"),
    ("/connect/plain", "GET", "social.connect_callback", "none"),
    ("/connect/plain", "DELETE", "social.remove_all_connections", "signed in"),
    (f"/connect/plain/{SUBJECT}", "DELETE", "social.remove_connection", "signed in"),
    ("/reconnect/plain", "POST", "social.reconnect", "signed in"),
]
"""Rule, verb, endpoint and guard of each."""
STARTS = ["/login/plain", "/connect/plain"]


@pytest.fixture
def bed(bed: Bed) -> Bed:
    """A bed whose user is connected to the account of Ada, who says yes to everything."""
    bed.add_user(EMAIL)
    bed.sandbox["plain"].set("api", id=int(SUBJECT))
    bed.connect(EMAIL, "plain", SUBJECT)
    return bed


@pytest.fixture
def member(bed: Bed) -> Browser:
    """The user, signed in by password."""
    return bed.browser().sign_in(EMAIL)


def send(browser: Browser, verb: str, path: str, **kwargs: Any) -> requests.Response:
    verbs: dict[str, Callable[..., requests.Response]] = {
        "GET": browser.get,
        "POST": browser.post,
        "DELETE": browser.delete,
    }
    return verbs[verb](path, **kwargs)


def code_of(answer: requests.Response) -> str:
    return str(answer.json()["response"]["code"])


# Names.


def test_url_for_gives_the_rule_and_the_rule_leads_to_the_endpoint(bed: Bed) -> None:
    @bed.app.get("/asked/<endpoint>")
    def asked(endpoint: str) -> str:
        values: dict[str, Any] = request.args.to_dict()
        return url_for(endpoint, **values)

    for rule, verb, endpoint, _ in TABLE:
        values = {"provider_id": "plain"}
        if endpoint == "social.remove_connection":
            values["provider_user_id"] = SUBJECT
        assert bed.browser().get(f"/asked/{endpoint}", params=values).text == rule
        assert bed.app.url_map.bind("").match(rule, verb) == (endpoint, values)


def test_an_unknown_provider_is_not_found(bed: Bed, member: Browser) -> None:
    for rule, verb, endpoint, _ in TABLE:
        path = rule.replace("plain", "unheard-of")
        visitor = bed.browser() if endpoint.startswith("social.login") else member
        for headers in ({}, JSON):
            answer = send(visitor, verb, path, headers=headers)
            assert answer.status_code == 404, (verb, path, headers)


# Guards.


def test_somebody_who_is_not_signed_in_is_sent_to_do_so_and_nothing_is_done(bed: Bed) -> None:
    stranger = bed.browser()
    for rule, verb, _, guard in TABLE:
        if guard != "signed in":
            continue
        answer = send(stranger, verb, rule)
        assert answer.status_code == 302, (verb, rule)
        assert answer.headers["Location"].startswith("/login?next=")
        assert send(stranger, verb, rule, headers=JSON).status_code == 401
    assert len(bed.rows()) == 1
    assert bed.calls("plain", "authorize") == 0


def test_somebody_who_is_signed_in_does_not_set_out_to_log_in(bed: Bed, member: Browser) -> None:
    answer = member.post("/login/plain")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")


def test_somebody_who_is_signed_in_does_not_come_back_from_logging_in(bed: Bed) -> None:
    bed.add_user("another@example.org")
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/plain"))
    browser.sign_in("another@example.org")

    answer = browser.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    assert browser.who() == "another@example.org"


def test_a_connect_callback_connects_nobody_who_is_no_longer_signed_in(
    bed: Bed, member: Browser
) -> None:
    member.delete("/connect/plain")
    callback = member.at_provider(member.set_out("/connect/plain"))
    member.sign_out()

    answer = member.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert bed.rows() == []


# What each does.


@pytest.mark.parametrize("path", [*STARTS, "/reconnect/plain"])
def test_a_post_sets_out_to_the_provider(bed: Bed, path: str) -> None:
    browser = bed.browser()
    if path != "/login/plain":
        browser.sign_in(EMAIL)
    assert browser.set_out(path).startswith(f"{bed.sandbox.url}plain/authorize?")


@pytest.mark.parametrize(
    ("path", "landed"), [("/login/plain", "/home"), ("/connect/plain", "/connections")]
)
def test_a_start_takes_a_form_field_next(bed: Bed, path: str, landed: str) -> None:
    for form, expected in (({"next": "/wanted?a=b"}, "/wanted?a=b"), ({}, landed)):
        browser = bed.browser()
        if path == "/connect/plain":
            browser.sign_in(EMAIL)
        assert browser.trip(path, **form).headers["Location"] == expected


def test_the_login_callback_signs_the_connected_user_in(bed: Bed) -> None:
    browser = bed.browser()
    answer = browser.trip("/login/plain")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    assert browser.who() == EMAIL


def test_the_login_callback_sends_somebody_unknown_to_the_login_page(bed: Bed) -> None:
    bed.sandbox["plain"].set("api", id=7)
    browser = bed.browser()
    answer = browser.trip("/login/plain")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert browser.who() is None


def test_the_connect_callback_creates_a_connection_or_reports_that_it_exists(
    bed: Bed, member: Browser
) -> None:
    bed.sandbox["plain"].set("api", id=7)
    codes = []
    for _ in range(2):
        callback = member.at_provider(member.set_out("/connect/plain"))
        codes.append(code_of(member.get(callback, headers=JSON)))
    assert codes == ["connected", "already_connected"]
    assert [row.provider_user_id for row in bed.rows()] == [SUBJECT, "7"]


def test_delete_without_a_user_id_removes_all_and_with_one_that_one(
    bed: Bed, member: Browser
) -> None:
    for subject in ("7", "8"):
        bed.connect(EMAIL, "plain", subject)
    bed.connect(EMAIL, "acme", "9")

    assert code_of(member.delete("/connect/plain/7", headers=JSON)) == "removed"
    assert [row.provider_user_id for row in bed.rows()] == [SUBJECT, "8", "9"]
    answer = member.delete("/connect/plain")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert [row.provider_user_id for row in bed.rows()] == ["9"]


def test_reconnect_takes_a_new_consent_for_the_connection(bed: Bed, member: Browser) -> None:
    before = bed.rows()[0].access_token
    callback = member.at_provider(member.set_out("/reconnect/plain"))
    assert code_of(member.get(callback, headers=JSON)) == "reconnected"
    [row] = bed.rows()
    assert row.access_token != before
    assert member.who() == EMAIL
