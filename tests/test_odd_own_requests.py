"""The same odd requests as in :mod:`tests.test_odd_requests`, at views of the application's own."""

from __future__ import annotations

import pytest

from tests.bed import Bed
from tests.test_odd_requests import status
from tests.test_own_views import U1, with_own_views

EMPTY = b"Content-Length: 0"
REMEMBERED = "Cookie: remember_token=1|\u2028\u00fc; other=x".encode()
TWICE = "Cookie: remember_token=1|x; remember_token=1|\u00fc".encode()


@pytest.fixture
def own(bed: Bed) -> Bed:
    return with_own_views(bed)


def goes_on(own: Bed) -> None:
    browser = own.browser()
    answer = browser.get(browser.at_provider(browser.set_out("/out/plain")))
    assert answer.json()["mark"] == "kept"
    assert own.raised == []


def test_a_query_that_is_no_utf_8_at_an_own_view(own: Bed) -> None:
    # Of nobody Flask-Security itself asks the query for a token, before any view.
    session = own.browser().sign_in(U1).http.cookies["session"]
    client = own.app.test_client()
    client.set_cookie("session", session)
    for verb, path in (("POST", "/out/plain"), ("POST", "/stock/plain"), ("GET", "/back/plain")):
        for accept in ("text/html", "application/json"):
            octets = {"QUERY_STRING": "state=\xff"}  # as gunicorn passes them on
            answer = client.open(
                path, method=verb, headers={"Accept": accept}, environ_overrides=octets
            )
            assert (answer.status_code, "not as it should be" in answer.text) == (400, True), path
    assert {told["reason"] for told in own.signals("flow_rejected")} == {"malformed"}
    goes_on(own)


@pytest.mark.parametrize("cookie", [REMEMBERED, TWICE])
def test_a_remembering_cookie_that_no_server_signed_at_an_own_view(own: Bed, cookie: bytes) -> None:
    for line, expected in ((b"POST /out/plain", 303), (b"GET /back/plain?state=s&code=c", 400)):
        assert status(own, line, cookie, EMPTY) == expected, line
    assert [told["reason"] for told in own.signals("flow_rejected")] == ["missing"]
    goes_on(own)
